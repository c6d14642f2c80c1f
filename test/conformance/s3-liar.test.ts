import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { S3Options } from "../../agent/copies/s3/options.ts";
import { createS3Store } from "../../agent/copies/s3/s3-store.ts";
import { CONFIG, type ObjectRef, type Store } from "../../agent/copies/store.ts";
import {
  type Asked,
  emptied,
  etagOf,
  type Lie,
  problem,
  type Said,
  startStub,
  type Stub,
} from "./s3-stub.ts";
import { listed, objectOf } from "./store-suite.ts";

const SECRET = "a-secret-that-nobody-may-see";
const TOKEN = `session-token-${"x".repeat(200)}`;
const UNTRUE = {
  code: "copy-failed",
  transient: true,
  message: expect.stringMatching(/what it holds is not what was sent/),
};
const PASSING = { code: "copy-failed", transient: true };
const UNFIT = { code: "copy-failed", transient: false };

let stub: Stub;
let store: Store;
beforeEach(async () => {
  stub = await startStub({ pageSize: 2 });
  store = open();
});
afterEach(async () => {
  await store.close();
  await stub.close();
});

function open(more: Partial<S3Options> = {}): Store {
  return createS3Store({
    copy: "cloud",
    signal: new AbortController().signal,
    endpoint: stub.endpoint,
    region: "default",
    bucket: "b",
    prefix: "p",
    credentials: "env",
    env: { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: TOKEN },
    ...more,
  });
}

const keyOf = ({ kind, name }: ObjectRef): string =>
  kind === "data" ? `p/data/${name.slice(0, 2)}/${name}` : `p/${kind}/${name}`;

/** Lies about the first `times` questions that fit. */
function once(fits: (asked: Asked) => boolean, lie: Lie, times = 1): void {
  let left = times;
  stub.lie = (asked) => (fits(asked) && left-- > 0 ? lie : undefined);
}
const always = Number.POSITIVE_INFINITY;
const isPut = ({ method, key }: Asked): boolean => method === "PUT" && !key.includes("/probe/");
const isHead = ({ method }: Asked): boolean => method === "HEAD";
const isList = ({ query }: Asked): boolean => query.has("list-type");
const isGet = ({ method, query }: Asked): boolean => method === "GET" && !query.has("list-type");
const counted = (fits: (asked: Asked) => boolean): number => stub.asked.filter(fits).length;

const bytes = randomBytes(10_000);
const object = objectOf(bytes);
const garbage = Buffer.alloc(bytes.length, 7);

describe("s3 store: a put that is not true", () => {
  const lies: readonly [string, Lie][] = [
    ["keeps a part and says 200", { keep: (all) => all.subarray(0, 5000) }],
    ["keeps nothing and says 200", { say: { status: 200, headers: { etag: etagOf(bytes) } } }],
    ["keeps other bytes of the same length", { keep: () => garbage }],
    ["keeps more", { keep: (all) => Buffer.concat([all, all]) }],
  ];
  it.each(lies)("a service that %s is found out, and the next put mends it", async (_, lie) => {
    once(isPut, lie);
    await expect(store.put(object, bytes)).rejects.toMatchObject(UNTRUE);
    expect(stub.objects.get(keyOf(object)), "what is not true is taken away").toBeUndefined();
    await store.put(object, bytes);
    expect(stub.objects.get(keyOf(object))).toEqual(bytes);
  });

  it("does not believe the length of what it could not take away", async () => {
    let puts = 0;
    stub.lie = ({ method, key }) => {
      if (method === "DELETE") return { say: problem(500, "InternalError") };
      if (method === "PUT" && key === keyOf(object) && puts++ === 0) return { keep: () => garbage };
      return undefined;
    };
    await expect(store.put(object, bytes)).rejects.toMatchObject(UNTRUE);
    expect(stub.objects.get(keyOf(object))).toEqual(garbage);
    await store.put(object, bytes);
    expect(stub.objects.get(keyOf(object))).toEqual(bytes);
  });

  it("reads back where the service does not check Content-MD5, whatever hash it claims", async () => {
    await stub.close();
    stub = await startStub({ checksMd5: false });
    await withStore(open(), async (store) => {
      const claim = (said: Said): Said => ({ ...said, headers: { etag: etagOf(bytes) } });
      stub.lie = (asked) => {
        if (isPut(asked)) return { keep: () => garbage };
        return isHead(asked) ? { twist: claim } : undefined;
      };
      await expect(store.put(object, bytes)).rejects.toMatchObject(UNTRUE);
      stub.lie = () => undefined;
      await store.put(object, bytes);
      expect(stub.objects.get(keyOf(object))).toEqual(bytes);
      expect([...stub.objects.keys()], "no probe stays").toEqual([keyOf(object)]);
      expect(
        counted(({ key }) => key.includes("/probe/md5-")),
        "asked once, removed once",
      ).toBe(2);
    });
  });

  it("believes bytes more than an ETag that is no MD5", async () => {
    once(isHead, { twist: (said) => ({ ...said, headers: { etag: '"not-an-md5-2"' } }) }, always);
    await store.put(object, bytes);
    expect(stub.objects.get(keyOf(object))).toEqual(bytes);
    expect(counted(isGet)).toBe(1);
  });

  it("reads a second time before it says that the bytes are wrong", async () => {
    let gets = 0;
    stub.lie = (asked) => {
      if (isHead(asked)) return { twist: (said) => ({ ...said, headers: { etag: '"x"' } }) };
      const wrong = isGet(asked) && gets++ === 0;
      return wrong ? { twist: (said) => ({ ...said, body: garbage }) } : undefined;
    };
    await store.put(object, bytes);
    expect(stub.objects.get(keyOf(object))).toEqual(bytes);
    expect(gets).toBe(2);
  });

  it("puts once what arrived although the answer was lost", async () => {
    once(isPut, { twist: () => problem(500, "InternalError") });
    await expect(store.put(object, bytes)).rejects.toMatchObject(PASSING);
    await store.put(object, bytes);
    expect(counted(isPut)).toBe(1);
  });
});

async function withStore(store: Store, work: (store: Store) => Promise<void>): Promise<void> {
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

describe("s3 store: a listing that is not whole", () => {
  const five = Array.from({ length: 5 }, (_, n) => Buffer.from(`object ${n}`));
  beforeEach(async () => {
    for (const body of five) await store.put(objectOf(body), body);
    for (const body of five.slice(0, 2)) await store.put(objectOf(body, "keys"), body);
    await store.put(CONFIG, bytes);
  });

  const body = (change: (xml: string) => string): Lie => ({
    twist: (said) => ({ ...said, body: change(String(said.body)) }),
  });
  const isPage =
    (which: number) =>
    (asked: Asked): boolean =>
      isList(asked) && asked.query.has("continuation-token") === which > 1;
  const second = isPage(2);

  it("is whole over three pages", async () => {
    expect(await listed(store, "data")).toEqual(
      new Map(five.map((body) => [objectOf(body).name, body.length])),
    );
    expect(counted(isList)).toBe(3);
  });

  const lies: readonly [string, (asked: Asked) => boolean, Lie, object][] = [
    ["fails on page 2", second, { say: problem(500, "InternalError") }, PASSING],
    [
      "is denied on page 2",
      second,
      { say: problem(403, "AccessDenied") },
      { code: "copy-refused" },
    ],
    ["says 404 on page 2", second, { say: problem(404, "NoSuchKey") }, { code: "copy-failed" }],
    ["is cut off in the middle of page 2", second, { cutAt: 200 }, PASSING],
    ["is cut off, and its length is right", second, body((xml) => xml.slice(0, 300)), PASSING],
    ["has an empty page 2", second, body(() => ""), PASSING],
    [
      "lacks an entry of page 2",
      second,
      body((xml) => xml.replace(/<Contents>.*?<\/Contents>/, "")),
      UNFIT,
    ],
    ["has more, and no token", isList, body((xml) => xml.replace(/<Next.*Token>/, "")), UNFIT],
    [
      "does not say if there is more",
      isList,
      body((xml) => xml.replace(/<IsTr.*ated>/, "")),
      UNFIT,
    ],
    [
      "names keys from elsewhere",
      isList,
      body((xml) => xml.replaceAll("<Key>p%2Fdata", "<Key>q%2Fdata")),
      UNFIT,
    ],
    [
      "is about another prefix",
      isList,
      body((xml) => xml.replace("<Prefix>p", "<Prefix>q")),
      UNFIT,
    ],
    ["has sizes that are none", isList, body((xml) => xml.replace(/<Size>\d+/, "<Size>-1")), UNFIT],
    [
      "has an entry without a name",
      isList,
      body((xml) => xml.replace(/<Key>.*?<\/Key>/, "")),
      UNFIT,
    ],
    ["is a log-in page", isList, { say: { status: 200, body: "<html>Welcome</html>" } }, UNFIT],
    ["is an error that says 200", isList, { say: { ...problem(200, "InternalError") } }, PASSING],
  ];
  it.each(lies)("throws where it %s", async (_, fits, lie, fault) => {
    once(fits, lie);
    await expect(listed(store, "data")).rejects.toMatchObject(fault);
    expect((await listed(store, "data")).size, "and is right the next time").toBe(5);
  });

  it.each([
    [
      "comes back to a token",
      (xml: string) =>
        xml
          .replace(/<Next.*Token>/, "")
          .replace("<IsTruncated>false", "<IsTruncated>true")
          .replace(
            "</IsTruncated>",
            "</IsTruncated><NextContinuationToken>0</NextContinuationToken>",
          ),
    ],
  ])("throws where it %s", async (_, change) => {
    once(isList, body(change), always);
    await expect(listed(store, "data")).rejects.toMatchObject(UNFIT);
  });

  it.each(["", "<NextContinuationToken>0</NextContinuationToken>"])(
    "ends where nothing comes, and more is promised: %s",
    async (token) => {
      const promise = (xml: string): string =>
        String(emptied({ status: 200, body: xml }).body).replace(
          "<IsTruncated>false</IsTruncated>",
          `<IsTruncated>true</IsTruncated>${token}`,
        );
      once(isList, body(promise), 20);
      await expect(listed(store, "data")).rejects.toMatchObject(UNFIT);
    },
  );

  it("asks again where it is empty", async () => {
    once(isList, { twist: emptied });
    expect((await listed(store, "data")).size).toBe(5);
  });

  it("does not believe that a vault has no key", async () => {
    once(isList, { twist: emptied }, always);
    await expect(listed(store, "keys")).rejects.toMatchObject(UNFIT);
    expect(await listed(store, "locks")).toEqual(new Map());
  });
});

describe("s3 store: not there, or only said to be", () => {
  const reads: readonly [string, (store: Store) => Promise<unknown>][] = [
    ["get", (store) => store.get(object)],
    ["get of a part", (store) => store.get(object, { offset: 5, length: 10 })],
    ["get of no bytes", (store) => store.get(object, { offset: 5, length: 0 })],
    ["size", (store) => store.size(object)],
    ["readThrough", (store) => store.readThrough(object, () => undefined)],
  ];
  const notFound = problem(404, "NoSuchKey");

  it.each(reads)("%s: 404 for what is there is a fault", async (_, read) => {
    await store.put(object, bytes);
    once((asked) => isHead(asked) || isGet(asked), { say: notFound }, always);
    await expect(read(store)).rejects.toMatchObject(PASSING);
  });

  it.each(reads)("%s: 404 is a fault where no second witness can be asked", async (_, read) => {
    once(isList, { say: problem(503, "SlowDown") }, always);
    await expect(read(store)).rejects.toMatchObject(PASSING);
    once(isList, { say: problem(403, "AccessDenied") }, always);
    await expect(read(store)).rejects.toMatchObject({ code: "copy-refused" });
  });

  it.each(reads)("%s: a bucket that is gone is a fault", async (_, read) => {
    once(() => true, { say: problem(404, "NoSuchBucket") }, always);
    await expect(read(store)).rejects.toMatchObject({ code: "copy-absent", transient: false });
  });

  it.each(reads)("%s: an answer that is no S3 is a fault", async (_, read) => {
    once(() => true, { say: { status: 404, body: "<html>Not found</html>" } }, always);
    await expect(read(store)).rejects.toMatchObject({ name: "Fault" });
  });

  it.each(reads)("%s: not there is undefined", async (_, read) => {
    expect(await read(store)).toBeUndefined();
  });
});

describe("s3 store: connections that break", () => {
  beforeEach(() => store.put(object, bytes));

  it("what the caller throws is the caller's", async () => {
    const own = new Error("enough of it");
    const reading = store.readThrough(object, () => {
      throw own;
    });
    await expect(reading).rejects.toBe(own);
    expect(await store.get(object)).toEqual(bytes);
  });

  it("is not removed where it is only said not to be there", async () => {
    once(isHead, { say: problem(404, "NoSuchKey") });
    await expect(store.remove(object)).rejects.toMatchObject(PASSING);
    await store.remove(object);
    expect(await store.get(object)).toBeUndefined();
  });

  it.each([0, 1, 5000, bytes.length - 1])("cut at byte %d of an object", async (cutAt) => {
    once(isGet, { cutAt }, 2);
    await expect(store.get(object)).rejects.toMatchObject(PASSING);
    await expect(store.readThrough(object, () => undefined)).rejects.toMatchObject(PASSING);
    expect(await store.get(object)).toEqual(bytes);
  });

  it("reset", async () => {
    once(isGet, { reset: true }, always);
    await expect(store.get(object)).rejects.toMatchObject(PASSING);
    once(isPut, { reset: true }, always);
    await expect(store.put(CONFIG, bytes)).rejects.toMatchObject(PASSING);
  });

  it("goes on where the service closed an idle connection", async () => {
    let first = true;
    // As a service that closes at the moment when the next question is on its way.
    stub.lie = () => {
      if (!first) return undefined;
      first = false;
      return { reset: true };
    };
    expect(await store.get(object)).toEqual(bytes);
  });

  it.each([-1, 0, 5000])("silent from byte %d on", async (stallAt) => {
    await withStore(open({ stallMs: 300 }), async (store) => {
      once(isGet, { stallAt }, 2);
      const stalled = {
        code: "copy-absent",
        transient: true,
        message: expect.stringMatching(/stopped answering/),
      };
      await expect(store.get(object)).rejects.toMatchObject(stalled);
      await expect(store.readThrough(object, () => undefined)).rejects.toMatchObject(stalled);
      expect(await store.get(object)).toEqual(bytes);
    });
  });

  it.each([-1, 5000])("cancelled while it waits at byte %d", async (stallAt) => {
    const stop = new AbortController();
    await withStore(open({ signal: stop.signal }), async (store) => {
      once(isGet, { stallAt }, always);
      const reason = new Error("enough");
      const reading = store.get(object);
      const asked = stub.asked.length;
      setTimeout(() => stop.abort(reason), 200);
      await expect(reading).rejects.toBe(reason);
      expect(stub.asked.length).toBe(asked + 1);
      await expect(store.put(object, bytes)).rejects.toBe(reason);
    });
  });

  it("another part than was asked for", async () => {
    const part = { offset: 100, length: 50 };
    const others: readonly Said[] = [
      { status: 200, body: bytes },
      { status: 200, body: bytes.subarray(0, 50) },
      {
        status: 206,
        headers: { "content-range": "bytes 0-49/10000" },
        body: bytes.subarray(0, 50),
      },
      {
        status: 206,
        headers: { "content-range": "bytes 100-149/10000" },
        body: bytes.subarray(0, 49),
      },
    ];
    for (const say of others) {
      once(isGet, { say });
      await expect(store.get(object, part)).rejects.toMatchObject(PASSING);
    }
    expect(await store.get(object, part)).toEqual(bytes.subarray(100, 150));
  });

  it("no one there", async () => {
    await stub.close();
    const gone = { code: "copy-absent", transient: true };
    await expect(store.get(object)).rejects.toMatchObject(gone);
    await expect(store.size(object)).rejects.toMatchObject(gone);
    stub = await startStub();
  });
});

describe("s3 store: refusals", () => {
  const table: readonly [number, string, object][] = [
    [403, "AccessDenied", { code: "copy-refused", transient: false }],
    [403, "SignatureDoesNotMatch", { code: "copy-refused", transient: false }],
    [403, "InvalidAccessKeyId", { code: "copy-refused", transient: false }],
    [
      400,
      "ExpiredToken",
      {
        code: "copy-refused",
        message: expect.stringMatching(/sign-in to the service has expired/),
      },
    ],
    [
      403,
      "RequestTimeTooSkewed",
      { code: "copy-refused", message: expect.stringMatching(/clock of this machine/) },
    ],
    [404, "NoSuchBucket", { code: "copy-absent", transient: false }],
    [403, "QuotaExceeded", { code: "copy-full", transient: false }],
    [507, "Whatever", { code: "copy-full", transient: false }],
    [503, "SlowDown", PASSING],
    [500, "InternalError", PASSING],
    [429, "TooManyRequests", PASSING],
    [502, "BadGateway", PASSING],
    [
      403,
      "InvalidObjectState",
      { code: "copy-refused", message: expect.stringMatching(/archive/) },
    ],
    [301, "PermanentRedirect", UNFIT],
    [400, "AuthorizationHeaderMalformed", UNFIT],
  ];
  it.each(table)("%d %s", async (status, code, fault) => {
    once(() => true, { say: problem(status, code) }, always);
    await expect(store.get(object)).rejects.toMatchObject(fault);
    await expect(listed(store, "data")).rejects.toMatchObject(fault);
    // HEAD comes first, and its answer has no body that says why.
    if (status !== 404) await expect(store.put(object, bytes)).rejects.toMatchObject(fault);
    await expect(store.writeNote("a.json", bytes)).rejects.toMatchObject(fault);
  });

  it("refused after a part was sent: the rest is not sent, the reason is told", async () => {
    const large = Buffer.alloc(32 * 1024 * 1024);
    once(isPut, { say: problem(403, "QuotaExceeded") }, always);
    await expect(store.put(objectOf(large), large)).rejects.toMatchObject({ code: "copy-full" });
  });

  it("is slow for a while, and takes everything after it", async () => {
    once(() => true, { say: { ...problem(503, "SlowDown"), headers: { "retry-after": "1" } } }, 3);
    for (let n = 0; n < 3; n++)
      await expect(store.put(object, bytes)).rejects.toMatchObject(PASSING);
    await store.put(object, bytes);
    expect(await store.get(object)).toEqual(bytes);
    expect(counted(isPut)).toBe(1);
  });

  it("tells no secret, even where the service does", async () => {
    once(
      () => true,
      { say: problem(403, "AccessDenied", `x-amz-security-token: ${TOKEN}`) },
      always,
    );
    const fault = await store.get(object).catch((error: unknown) => error);
    const seen = JSON.stringify(fault) + String(fault);
    expect(seen).toContain("AccessDenied");
    expect(seen).not.toContain(TOKEN.slice(0, 120));
    expect(seen).not.toContain(SECRET);
  });
});
