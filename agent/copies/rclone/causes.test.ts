import { describe, expect, it } from "vitest";
import { saysNoFolder, saysNotThere, saysOfOneObject, troubleOf } from "./causes.ts";

describe("troubleOf", () => {
  it.each([
    ["didn't find section in config file", "no-place"],
    ['oauth2: cannot fetch token: 400 Bad Request {"error": "invalid_grant"}', "expired"],
    ["couldn't fetch token - maybe it has expired?", "expired"],
    ['… - try refreshing with "rclone config reconnect disk:"', "expired"],
    ["Error 403: The user's Drive storage quota has been exceeded., storageQuotaExceeded", "full"],
    [
      "Error 403: Quota exceeded for quota metric 'Queries' and limit 'Queries per minute'",
      "unsteady",
    ],
    ["googleapi: Error 403: Rate Limit Exceeded, rateLimitExceeded", "unsteady"],
    ["write /mnt/x: no space left on device", "full"],
    ["preallocate: file too big for remaining disk space", "full"],
    ["mkdir /mnt/data: permission denied", "denied"],
    ["open /mnt/x: read-only file system", "denied"],
    ["AccessDenied: Access Denied status code: 403", "denied"],
    ["couldn't connect SSH: ssh: handshake failed: ssh: unable to authenticate", "denied"],
    ["ssh: handshake failed: knownhosts: key mismatch", "certificate"],
    ['Get "https://x/": x509: certificate has expired or is not yet valid', "certificate"],
    ["couldn't connect SSH: dial tcp 127.0.0.1:22: connect: connection refused", "unreachable"],
    ["dial tcp: lookup nas.example: no such host", "unreachable"],
    ["unexpected EOF", "unreachable"],
    ["is a directory not a file", "broken"],
    ["something that nobody has met", undefined],
  ])("%s", (text, trouble) => {
    expect(troubleOf(text)).toBe(trouble);
  });
});

it("knows what is certainly not there", () => {
  expect(saysNotThere("GET request error: object not found")).toBe(true);
  expect(saysNotThere("object not found: dial tcp: connection refused")).toBe(false);
  expect(saysNotThere("GET request error: permission denied")).toBe(false);
  expect(saysNoFolder("error listing: directory not found")).toBe(true);
  expect(saysNoFolder("error listing: open: permission denied")).toBe(false);
  expect(saysOfOneObject("Post request rcat error: no space left on device")).toBe(true);
  expect(saysOfOneObject("failed to open directory: permission denied")).toBe(false);
});
