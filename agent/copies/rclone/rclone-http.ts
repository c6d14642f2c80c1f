import type { Fault } from "../../base/fault.ts";
import { type RemotePlace, remoteFault, type RemoteTrouble } from "../remote-faults.ts";
import { type RemoteOptions, STALL_MS } from "../remote.ts";
import type { Http, HttpAnswer, HttpRequest } from "../rest/http.ts";
import { saysNoFolder, saysNotThere, saysOfOneObject, troubleOf } from "./causes.ts";
import { type Connection, openConnection } from "./connection.ts";
import { childEnvironment, type Environment } from "./environment.ts";
import { BrokenExchange } from "./broken-exchange.ts";
import { exchange } from "./exchange.ts";
import { Lanes } from "./lanes.ts";
import { loggedPath } from "./logged-path.ts";
import { findRclone, loadRclone } from "./program.ts";
import type { LogLine } from "./rclone-log.ts";
import { redact } from "./redact.ts";
import { parseRemote } from "./remote-name.ts";
import { serveArguments } from "./serve-arguments.ts";

export interface RcloneOptions extends RemoteOptions {
  /** "NAME:PATH", NAME from rclone's config file. */
  readonly remote: string;
  /** rclone's config file; default: the one that rclone itself takes. */
  readonly config?: string;
  readonly env: Environment;
  /** How long the child may take to end by itself, and again after SIGTERM (ms). */
  readonly graceMs?: number;
  /** How often it may be started without having answered anything. */
  readonly maxStarts?: number;
}

const GRACE_MS = 5000;
/** rclone runs as long as mikura needs it: this many in a row are no accident. */
const MAX_STARTS = 100;
const MAX_STALLS = 2;
/** As restic. */
const REQUESTS_AT_ONCE = 5;
/** Its log line is written before its answer: this is only for a machine under load. */
const LOG_MS = 10_000;
const SAID_CHARS = 300;

/**
 * restic's protocol with an rclone of our own, over its stdin and stdout: no port, no remote control.
 *
 * rclone's status codes mean little: it also answers 404 for what failed (rclone#7550), and 200
 * with a listing from which unreadable folders are missing. Its log says what happened. So a 404
 * counts only with its "object not found" in the log, a listing only with no error in the log.
 *
 * @throws Fault policy-unsound for a remote that is no NAME:PATH
 */
export function createRcloneHttp(options: RcloneOptions): Http {
  parseRemote(options.remote, options.copy);
  return new RcloneHttp(options);
}

class RcloneHttp implements Http {
  readonly place: string;
  readonly #options: RcloneOptions;
  readonly #at: RemotePlace;
  readonly #stallMs: number;
  readonly #graceMs: number;
  readonly #lanes = new Lanes(REQUESTS_AT_ONCE);
  readonly #over = new AbortController();
  readonly #signal: AbortSignal;
  readonly #endings = new Set<Promise<void>>();
  /** Paths of objects that are being put. */
  readonly #puts = new Map<string, number>();
  #connection: Promise<Connection> | undefined;
  /** Starts, and stalled requests, since the last answer. */
  #barren = 0;
  #stalls = 0;
  #lastFault: Fault | undefined;
  #fences = 0;

  constructor(options: RcloneOptions) {
    this.#options = options;
    this.place = `rclone ${options.remote}`;
    this.#at = { copy: options.copy, place: this.place };
    this.#stallMs = options.stallMs ?? STALL_MS;
    this.#graceMs = options.graceMs ?? GRACE_MS;
    this.#signal = AbortSignal.any([options.signal, this.#over.signal]);
    this.#signal.addEventListener("abort", () => void this.#end());
  }

  request(request: HttpRequest): Promise<HttpAnswer> {
    return this.#lanes.use(async () => {
      this.#signal.throwIfAborted();
      const connection = await this.#connect();
      const mark = connection.child.log.mark;
      const answer = await this.#exchange(connection, request, mark);
      this.#barren = 0;
      this.#stalls = 0;
      return this.#believed(connection, request, answer, mark);
    });
  }

  async close(): Promise<void> {
    this.#over.abort(new Error(`The connection of copy "${this.#at.copy}" was closed`));
    await this.#end();
  }

  /** The running rclone, or a new one where there is none. */
  async #connect(): Promise<Connection> {
    for (;;) {
      const known = this.#connection;
      const current = await known?.catch(() => undefined);
      if (current && !current.closed) return current;
      // While this one waited, another may have started the next.
      if (this.#connection !== known) continue;
      if (current) void this.#drop(current);
      this.#connection = this.#start();
      return this.#connection;
    }
  }

  async #start(): Promise<Connection> {
    const { env, config, remote, maxStarts = MAX_STARTS } = this.#options;
    if (this.#lastFault && this.#barren >= maxStarts) throw this.#lastFault;
    // The one before holds its config file, and its put may still be taken back.
    await Promise.all(this.#endings);
    const program = await findRclone(env, this.#at);
    this.#signal.throwIfAborted();
    this.#barren++;
    return openConnection(loadRclone(program), {
      args: serveArguments(remote, config),
      env: childEnvironment(env),
    });
  }

  async #exchange(connection: Connection, request: HttpRequest, mark: number): Promise<HttpAnswer> {
    const { pace } = this.#options;
    const path = loggedPath(request.path);
    const puts = request.method === "POST";
    if (puts) this.#puts.set(path, mark);
    try {
      return await exchange(connection.session, request, {
        signal: this.#signal,
        stallMs: this.#stallMs,
        alive: () => this.#isAlive(connection),
        ...(pace && { pace }),
      });
    } catch (error) {
      if (!(error instanceof BrokenExchange)) throw error;
      throw await this.#broken(connection, request, error, mark);
    } finally {
      if (puts && !this.#signal.aborted) this.#puts.delete(path);
    }
  }

  /** Why a request got no whole answer. */
  async #broken(
    connection: Connection,
    { path, limit }: HttpRequest,
    { how, cause }: BrokenExchange,
    mark: number,
  ): Promise<Fault> {
    const { child } = connection;
    if (how === "too-long")
      return remoteFault("broken", this.#at, `${path}: more than ${limit} bytes`);
    if (how === "stalled") {
      // It may hold on to a connection that died without a word; a new rclone makes a new one.
      const isLast = ++this.#stalls >= MAX_STALLS;
      if (isLast || !(await this.#isAlive(connection))) void this.#drop(connection);
      const said = this.#said(child.log.said(mark));
      return (this.#lastFault = remoteFault("stalled", this.#at, said, cause));
    }
    if (!connection.closed && (await connection.answers(this.#graceMs))) {
      // rclone itself is well: only this request failed.
      const line = await child.log.find(mark, about(path), LOG_MS / 10);
      return this.#fault(line?.message ?? child.log.said(mark), "unsteady", cause);
    }
    await this.#drop(connection);
    this.#signal.throwIfAborted();
    const { code, signal, error } = await child.ended;
    if (error) return (this.#lastFault = remoteFault("no-program", this.#at, undefined, error));
    const last = child.log.said(mark) || child.log.said(child.log.mark - 1);
    const otherwise = this.#barren === 0 || signal !== null ? "unsteady" : "broken";
    const ending = `rclone: ${signal ?? `exit ${code}`}`;
    return (this.#lastFault = this.#fault(last, otherwise, cause, ending));
  }

  /** The answer, where rclone's log bears it out. */
  async #believed(
    connection: Connection,
    request: HttpRequest,
    answer: HttpAnswer,
    mark: number,
  ): Promise<HttpAnswer> {
    const { log } = connection.child;
    const { method, path } = request;
    const { status } = answer;
    if (status === 404 || status >= 500) {
      const line = await log.find(mark, about(path), LOG_MS, this.#signal);
      this.#signal.throwIfAborted();
      const lines = log.since(mark).filter(about(path));
      if (status === 404 && line && lines.every(({ message }) => saysNotThere(message)))
        return answer;
      const telling = lines.find(({ message }) => !saysNotThere(message)) ?? line;
      const what = `${method} ${path}: ${status}`;
      if (!telling) throw remoteFault("unsteady", this.#at, what);
      throw this.#fault(telling.message, "unsteady", undefined, what);
    }
    if (method === "GET" && path.endsWith("/") && status === 200) {
      const fence = await this.#fence(connection, mark);
      const folder = loggedPath(path);
      const error = log
        .since(mark)
        .find((line) => line.number < fence && spoilsListing(line, folder));
      if (error) throw this.#fault(error.message, "unsteady", undefined, `${method} ${path}`);
    }
    return answer;
  }

  /**
   * All that rclone logged before now has been read when this returns. A listing without its Accept
   * header is refused at once, with a line in the log, and the service never hears of it.
   */
  async #fence(connection: Connection, mark: number): Promise<number> {
    const { session, child } = connection;
    const name = `${FENCE}${++this.#fences}`;
    const request = { method: "GET", path: `${name}/`, limit: 4096 } as const;
    const options = {
      signal: this.#signal,
      stallMs: this.#stallMs,
      alive: () => this.#isAlive(connection),
    };
    try {
      await exchange(session, request, options);
    } catch (error) {
      if (!(error instanceof BrokenExchange)) throw error;
      throw remoteFault("unsteady", this.#at, undefined, error);
    }
    const line = await child.log.find(mark, ({ object }) => object === name, LOG_MS, this.#signal);
    if (line) return line.number;
    this.#signal.throwIfAborted();
    // A listing that cannot be borne out may be half of one.
    throw remoteFault("broken", this.#at, "the log of this rclone cannot be read");
  }

  #isAlive(connection: Connection): Promise<boolean> {
    return connection.answers(Math.min(this.#stallMs, this.#graceMs));
  }

  #fault(message: string, otherwise: RemoteTrouble, cause?: unknown, where?: string): Fault {
    const said = this.#said([where, message].filter(Boolean).join(": "));
    return remoteFault(troubleOf(message) ?? otherwise, this.#at, said, cause);
  }

  #said(text: string): string {
    return redact(text).replace(/\s+/g, " ").trim().slice(0, SAID_CHARS);
  }

  /** Ends a child that is of no use any more. */
  #drop(connection: Connection): Promise<void> {
    const ending = connection.stop(this.#graceMs).finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
    return ending;
  }

  #end(): Promise<void> {
    return (this.#ended ??= this.#endOnce());
  }
  #ended: Promise<void> | undefined;

  async #endOnce(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    if (connection) {
      await this.#takeBackPuts(connection);
      await this.#drop(connection);
    }
    await Promise.all(this.#endings);
  }

  /**
   * rclone writes an object under its own name and removes it when the put breaks off, but not when
   * rclone itself ends first. So it gets a moment to say that it has.
   */
  async #takeBackPuts({ child, closed }: Connection): Promise<void> {
    if (closed) return;
    const over = ({ message }: LogLine): boolean => message.startsWith("Post request rcat error");
    const taking = [...this.#puts].map(([path, mark]) =>
      child.log.find(mark, (line) => line.object === path && over(line), this.#graceMs / 2),
    );
    await Promise.race([Promise.all(taking), child.ended]);
    this.#puts.clear();
  }
}

const FENCE = "mikura-fence-";

function spoilsListing({ error, object, message }: LogLine, folder: string): boolean {
  if (!error || object.startsWith(FENCE) || saysOfOneObject(message)) return false;
  // The folder itself comes into being with its first object.
  return !(object === folder && saysNoFolder(message));
}

function about(path: string): (line: LogLine) => boolean {
  const object = loggedPath(path);
  return (line) => line.object === object;
}
