import { type ClientHttp2Session, connect } from "node:http2";
import { type ChildOptions, type RcloneChild, startChild } from "./rclone-child.ts";
import type { Rclone } from "./program.ts";
import { socketPair } from "./socket-pair.ts";

/** HTTP/2 with a running rclone, over its stdin and stdout. */
export interface Connection {
  readonly child: RcloneChild;
  readonly session: ClientHttp2Session;
  /** No further request can be sent on it. */
  readonly closed: boolean;
  /** Whether rclone answers a ping within `ms`: a service may be slow, rclone itself never is. */
  answers(ms: number): Promise<boolean>;
  /** Closes its stdin, at which it ends by itself; killed when it does not (RcloneChild). */
  stop(graceMs: number): Promise<void>;
}

/** What rclone may send before we have taken it in (bytes): one object, and all together. */
const STREAM_WINDOW = 4 * 1024 * 1024;
const SESSION_WINDOW = 16 * 1024 * 1024;
/** Fewer and larger than the usual 16 KiB. */
const FRAME = 256 * 1024;

export async function openConnection(
  rclone: Rclone,
  options: Omit<ChildOptions, "stdio">,
): Promise<Connection> {
  const { ours, theirs } = await socketPair();
  const child = startChild(rclone, { ...options, stdio: [theirs, theirs] });
  theirs.destroy(); // the child has its own; else its end would not show here
  const session = connect("http://rclone", {
    createConnection: () => ours,
    maxOutstandingPings: 100, // one for each request that has stalled
    settings: { initialWindowSize: STREAM_WINDOW, maxFrameSize: FRAME, enablePush: false },
  });
  // What is wrong with the connection shows in each request, and why in the child's log.
  session.on("error", () => undefined);
  session.setLocalWindowSize(SESSION_WINDOW);
  void child.ended.then(() => session.destroy());

  return {
    child,
    session,
    get closed() {
      return session.closed || session.destroyed;
    },
    async answers(ms) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const timer = setTimeout(resolve, ms, false);
      try {
        if (!session.ping((error) => resolve(error === null))) resolve(false);
        return await promise;
      } catch {
        return false; // it has ended
      } finally {
        clearTimeout(timer);
      }
    },
    async stop(graceMs) {
      session.destroy();
      // Not only half: what the child still says is of no use to anyone.
      ours.destroy();
      await child.stop(graceMs);
    },
  };
}
