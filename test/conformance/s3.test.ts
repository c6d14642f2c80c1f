import { afterAll, beforeAll, describe } from "vitest";
import type { S3 } from "@aws-sdk/client-s3";
import { type Ceph, CEPH_LEFT_OUT, startCeph } from "../ceph/ceph.ts";
import { optionsOn, plainClient, s3Subject } from "./s3-subject.ts";
import { describeStore } from "./store-suite.ts";

describe.skipIf(CEPH_LEFT_OUT)("on Ceph", () => {
  let ceph: Ceph;
  let s3: S3;
  beforeAll(async () => {
    ceph = await startCeph();
    s3 = plainClient(ceph);
    await s3.createBucket({ Bucket: "plain" });
    await s3.createBucket({ Bucket: "locked", ObjectLockEnabledForBucket: true });
  });
  afterAll(async () => {
    s3.destroy();
    await ceph.stop();
  });

  let count = 0;

  describeStore("s3", async () => s3Subject(s3, optionsOn(ceph, "plain", `copies/${count++}`)), {
    rounds: 10,
  });

  describeStore(
    "s3 with Object Lock",
    async () => {
      const options = optionsOn(ceph, "locked", `${count++}`);
      return s3Subject(s3, { ...options, objectLock: { mode: "COMPLIANCE", days: 1 } });
    },
    { rounds: 10 },
  );
});
