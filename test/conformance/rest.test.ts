import { afterAll, beforeAll, describe } from "vitest";
import { openRest, type RestCopy } from "../../agent/copies/rest/rest.ts";
import {
  LEFT_OUT,
  optionsFor,
  plant,
  type Service,
  startRclone,
  startRestServer,
} from "./rest-servers.ts";
import { describeStore, type Subject, type SuiteOptions } from "./store-suite.ts";

/** The suite on repositories of one service, each test on a new one. */
function describeService(
  name: string,
  leftOut: string | undefined,
  start: () => Promise<Service>,
  { suite, under = "" }: { readonly suite: SuiteOptions; readonly under?: string },
): void {
  describe.skipIf(leftOut !== undefined)(name, () => {
    let service: Service;
    let count = 0;
    beforeAll(async () => {
      service = await start();
    });
    afterAll(() => service[Symbol.asyncDispose]());

    async function subject(): Promise<Subject> {
      const repository = `${under}r${++count}`;
      const open = (): RestCopy => openRest(optionsFor(service, repository));
      const { store, prepare } = open();
      await prepare();
      return {
        store,
        reopen: async () => open().store,
        plant: (path, bytes) => plant(service, repository, path, bytes),
        leaveLitter: async () => {
          const probe = `${Buffer.from("mikura-probe-loc").toString("hex")}${"0".repeat(32)}`;
          await plant(service, repository, `locks/${probe}`, Buffer.from("probe"));
          return 1;
        },
        dispose: async () => {},
      };
    }
    describeStore(name, subject, { rounds: 5, ...suite });
  });
}

describeService("restic-rest-server", LEFT_OUT.rest, () => startRestServer(), {
  suite: { checksNames: true },
});

describeService(
  "restic-rest-server, append-only, with TLS, two folders deep",
  LEFT_OUT.rest,
  () => startRestServer({ appendOnly: true, tls: true }),
  { suite: { checksNames: true, appendOnly: true }, under: "user/" },
);

describeService(
  "restic-rest-server that checks no hashes",
  LEFT_OUT.rest,
  () => startRestServer({ flags: ["--no-verify-upload"] }),
  { suite: {} },
);

describeService("rclone serve restic", LEFT_OUT.rclone, () => startRclone(), { suite: {} });

describeService(
  "rclone serve restic, append-only",
  LEFT_OUT.rclone,
  () => startRclone({ appendOnly: true }),
  { suite: { appendOnly: true } },
);
