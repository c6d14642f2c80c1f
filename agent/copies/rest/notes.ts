/** Where the small files of `mikura/` lie: a server for repositories knows no such folder. */
export interface Notes {
  /** `undefined` means: certainly not there. At most MAX_NOTE_BYTES, else it throws too-large. */
  read(name: string): Promise<Buffer | undefined>;
  /** When it returns, the bytes were read back and are what `read` gives from now on. */
  write(name: string, bytes: Uint8Array): Promise<void>;
}
