/**
 * The driver behind a copy: where the vault's immutable objects lie.
 *
 * Every driver passes the one suite in test/conformance. Layout on the medium is restic's, so that
 * restic opens each copy: `config`, `keys/ID`, `index/ID`, `snapshots/ID`, `locks/ID`, and
 * `data/xx/ID` where the medium has folders. Beside them lies `mikura/`, which restic ignores.
 *
 * Methods may be called at the same time, puts of different objects too. What goes wrong is a Fault
 * whose code says what kind of trouble it is: copy-full, copy-refused (permission, read-only),
 * copy-absent (disk away, service not reached), copy-failed (the rest). "Not there" is `undefined`
 * and only where the copy itself is there. A name or part that cannot be is a RangeError, thrown
 * before the medium is touched.
 */
export interface Store {
  /**
   * All objects of one kind, in no order. Names that are not 64 hex digits are passed over.
   * A listing that cannot be completed throws: half a listing is never returned as a whole one.
   * So does one that meets a link or folder under an object's name: neither mikura nor restic puts
   * it there, and a person has to look.
   */
  list(kind: ListedKind): AsyncIterable<StoredObject>;

  /**
   * The bytes of an object, or of the given part of it. `undefined` means: certainly not there.
   * A part that reaches beyond the end throws (object-damaged), and so does what is too large for
   * memory (too-large). The caller hashes what it gets and may keep and change the buffer.
   */
  get(object: ObjectRef, part?: BytePart): Promise<Buffer | undefined>;

  /**
   * Hands all bytes of an object to `take`, first to last, in pieces that are valid during the call
   * only: for hashing what need not be in memory as a whole. Returns the size; answers, bounds and
   * faults are those of `get`, but that bytes may have been handed over before it throws.
   */
  readThrough(object: ObjectRef, take: (piece: Uint8Array) => void): Promise<number | undefined>;

  /** Size in bytes, or `undefined` where the object is certainly not there. */
  size(object: ObjectRef): Promise<number | undefined>;

  /**
   * Puts an object. When it returns, the whole object is on the medium under its name; it survives
   * a power cut once `sync` has returned. A crash leaves no part of it under its name.
   * An object that is there with the same length stays as it is (names are hashes): may be repeated.
   * One of another length is a leftover and is replaced.
   * `replace` writes over what is there (healing); the old bytes stay until the new are on the medium.
   * The caller leaves `bytes` unchanged until it returns, and may then use them again.
   */
  put(object: ObjectRef, bytes: Uint8Array, options?: { replace?: boolean }): Promise<void>;

  /** Makes every earlier `put` and `remove` durable. Where it throws, they count as not done. */
  sync(): Promise<void>;

  /** Removes an object; one that is not there counts as removed. Only retention calls it. */
  remove(object: ObjectRef): Promise<void>;

  /** A small file of ours in `mikura/`; `undefined` means: certainly not there. */
  readNote(name: string): Promise<Buffer | undefined>;

  /** Writes a file into `mikura/`, replacing atomically; durable when it returns. */
  writeNote(name: string, bytes: Uint8Array): Promise<void>;

  /**
   * Removes what a killed run left behind (our temporary files only); returns how many. Only the
   * holder of the run lock calls it: another run's work in progress looks the same.
   */
  sweep(): Promise<number>;

  close(): Promise<void>;
}

export type ListedKind = "keys" | "data" | "index" | "snapshots" | "locks";
export type ObjectKind = ListedKind | "config";

/** `name` is 64 lower-case hex digits; `config` has the fixed name "config". */
export interface ObjectRef {
  readonly kind: ObjectKind;
  readonly name: string;
}

export interface StoredObject {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

export interface BytePart {
  readonly offset: number;
  readonly length: number;
}

export const CONFIG: ObjectRef = { kind: "config", name: "config" };
