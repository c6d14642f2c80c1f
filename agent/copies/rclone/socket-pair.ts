import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Two ends of one connection inside this machine: bytes in at one end come out at the other. */
export interface SocketPair {
  readonly ours: Socket;
  /** For the child; nothing reads it here. */
  readonly theirs: Socket;
}

/** A socket's address has room for 107 bytes; TMPDIR may be anywhere. */
const LONGEST_PATH = 100;

/**
 * One socket for both the child's stdin and its stdout, because HTTP/2 wants one. With two pipes
 * joined in JavaScript, Node ends the whole program now and then (a failed assertion in its
 * JSStreamSocket, when the child dies while something is being written).
 */
export async function socketPair(): Promise<SocketPair> {
  // Only its owner gets into the folder, so nobody else can be the one who connects.
  let folder = await mkdtemp(join(tmpdir(), "mikura-"));
  if (Buffer.byteLength(folder) > LONGEST_PATH) {
    await rm(folder, { recursive: true });
    folder = await mkdtemp("/tmp/mikura-");
  }
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  try {
    const path = join(folder, "s");
    server.listen(path);
    await once(server, "listening");
    const ours = connect(path);
    const connected = once(ours, "connect");
    const [[theirs]] = (await Promise.all([once(server, "connection"), connected])) as [
      [Socket],
      unknown,
    ];
    return { ours, theirs };
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}
