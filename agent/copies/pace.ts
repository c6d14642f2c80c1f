/** A limit on how fast bytes are sent. All connections of one copy share one. */
export interface Pace {
  /** Resolves when `bytes` more may be sent; rejects when `signal` aborts. */
  take(bytes: number, signal: AbortSignal): Promise<void>;
}
