/**
 * A way to speak HTTP to one restic REST server: HTTP/1.1 over TCP or TLS, or HTTP/2 over the pipes
 * of a child process.
 *
 * Trouble on the way (no connection, reset, stalled, certificate, the child died) is thrown as a
 * Fault of remote-faults.ts; every answer that arrived whole is returned, whatever its status. A
 * redirect is never followed, since it could take the password elsewhere; it may be thrown as a
 * Fault "broken" that says where it leads.
 */
export interface Http {
  /** For messages: what is spoken to, without secrets. */
  readonly place: string;
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** Ends all connections. What is under way fails. */
  close(): Promise<void>;
}

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "DELETE";
  /** Below the repository, without a slash in front: "data/0a1b…", "keys/", "?create=true". */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Longest body that is taken in (bytes); a longer answer is a Fault "broken". */
  readonly limit: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /**
   * The whole body. A body shorter than its Content-Length is a Fault "unsteady", never an answer.
   */
  readonly body: Buffer;
}
