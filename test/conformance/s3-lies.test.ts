import { createS3Store } from "../../agent/copies/s3/s3-store.ts";
import { describeLies, type Liar, type Lie as Named } from "./lying-suite.ts";
import {
  type Asked,
  emptied,
  type Lie,
  onlyEntries,
  problem,
  type Said,
  startStub,
  type Stub,
} from "./s3-stub.ts";

/** How the stub does what the suite asks for; undefined where a question is none that it lies about. */
function lieAbout({ method, key, query }: Asked, lie: Named, at: number): Lie | undefined {
  const lists = query.has("list-type");
  const reads = method === "GET" && !lists;
  const isProbe = key.includes("/probe/");
  switch (lie) {
    case "short-upload":
      if (method !== "PUT" || isProbe) return undefined;
      return { keep: (bytes) => bytes.subarray(0, bytes.length >> 1) };
    case "empty-listing":
      return lists ? { twist: emptied } : undefined;
    case "half-listing":
      return lists ? { twist: (said) => onlyEntries(said, (place) => place % 2 === 0) } : undefined;
    case "broken-listing":
      return lists && query.has("continuation-token") ? { cutAt: 150 } : undefined;
    case "not-found":
      return reads || method === "HEAD" ? { say: problem(404, "NoSuchKey") } : undefined;
    case "busy":
      return { say: problem(503, "SlowDown") };
    case "cut":
      if (method === "PUT") return { cutSentAt: at };
      return reads ? { cutAt: at } : undefined;
    case "stall":
      return { stallAt: -1 };
    case "reset":
      return { reset: true };
    case "garbage":
      return reads ? { twist: flipped } : undefined;
    default:
      return undefined;
  }
}

function flipped(said: Said): Said {
  const body = Buffer.from(said.body ?? "");
  if (body.length > 0) body.writeUInt8(body.readUInt8(body.length >> 1) ^ 4, body.length >> 1);
  return { ...said, body };
}

function liarOf(stub: Stub): Liar {
  return {
    lie(lie, { times = Number.POSITIVE_INFINITY, at = 0 } = {}) {
      let left = times;
      stub.lie = (asked) => {
        if (left <= 0) return undefined;
        const chosen = lieAbout(asked, lie, at);
        if (chosen) left--;
        return chosen;
      };
    },
    truth() {
      stub.lie = () => undefined;
    },
  };
}

describeLies("s3", async ({ stallMs }) => {
  const stub = await startStub({ pageSize: 4 });
  const abort = new AbortController();
  const store = createS3Store({
    copy: "test",
    signal: abort.signal,
    stallMs,
    endpoint: stub.endpoint,
    region: "default",
    bucket: "bucket",
    prefix: "prefix",
    credentials: "env",
    env: { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" },
  });
  return { store, liar: liarOf(stub), abort, dispose: () => stub.close() };
});
