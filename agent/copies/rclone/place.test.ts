import { expect, it } from "vitest";
import { type ConfigDump, placesOf } from "./place.ts";

const token = (refresh: string, access: string): string =>
  JSON.stringify({ access_token: access, refresh_token: refresh, expiry: access });

const dump: ConfigDump = {
  disk: { type: "local" },
  usb: { type: "alias", remote: "/media/usb" },
  nas: { type: "sftp", host: "NAS.example", user: "a", pass: "S3cret" },
  nas2: { type: "smb", host: "nas.example", user: "b" },
  dav: { type: "webdav", url: "https://u:S3cret@nas.example:8443/dav" },
  aws: { type: "s3", provider: "AWS", access_key_id: "AKIA1", secret_access_key: "S3cret" },
  awsToo: { type: "s3", provider: "AWS", access_key_id: "AKIA1" },
  awsOther: { type: "s3", provider: "AWS", access_key_id: "AKIA2" },
  minio: { type: "s3", endpoint: "https://s3.nas.example:9000", access_key_id: "AKIA1" },
  b2: { type: "b2", account: "001abcdefabcdef0000000001", key: "S3cret" },
  b2Too: { type: "b2", account: "001abcdefabcdef0000000002", key: "S3cret" },
  drive: { type: "drive", token: token("r1", "S3cret1") },
  driveLater: { type: "drive", token: token("r1", "S3cret2") },
  driveOther: { type: "drive", token: token("r2", "S3cret1") },
  secret: { type: "crypt", remote: "nas:vault", password: "S3cret" },
  deep: { type: "chunker", remote: "secret:x" },
  both: { type: "union", upstreams: 'usb:a:ro "nas2:b c"' },
  parts: { type: "combine", upstreams: "one=aws:x two=usb:y" },
  loop: { type: "alias", remote: "loop:x" },
};

const places = (remote: string): unknown[] => {
  const [name = "", path = ""] = remote.split(/:(.*)/s);
  return [...placesOf(dump, { name, path })];
};

it.each([
  ["disk:/mnt/a/../b", [{ kind: "path", path: "/mnt/b" }]],
  ["usb:vault", [{ kind: "path", path: "/media/usb/vault" }]],
  ["usb:", [{ kind: "path", path: "/media/usb" }]],
  ["nas:x", [{ kind: "service", id: "host:nas.example" }]],
])("%s", (remote, expected) => {
  expect(places(remote)).toEqual(expected);
});

it.each([
  ["nas:x", "nas2:y"],
  ["nas:x", "dav:y"],
  ["nas:x", "secret:y"],
  ["nas:x", "deep:y"],
  ["aws:a", "awsToo:b"],
  ["b2:a", "b2Too:b"],
  ["drive:a", "driveLater:b"],
])("%s is at the same place as %s", (one, other) => {
  expect(places(one)).toEqual(places(other));
});

it.each([
  ["aws:a", "awsOther:a"],
  ["aws:a", "minio:a"],
  ["drive:a", "driveOther:a"],
  ["nas:a", "usb:a"],
])("%s is elsewhere than %s", (one, other) => {
  expect(places(one)).not.toEqual(places(other));
});

it("names every place of a remote that joins others", () => {
  expect(places("both:v")).toEqual([
    { kind: "path", path: "/media/usb/a/v" },
    { kind: "service", id: "host:nas.example" },
  ]);
  expect(places("parts:")).toHaveLength(2);
});

it.each(["loop:x", "nowhere:x"])("says of %s that it is unknown", (remote) => {
  expect(places(remote)).toMatchObject([{ kind: "unknown" }]);
});

it("holds no secret", () => {
  const all = Object.keys(dump).flatMap((name) => places(`${name}:x`));
  expect(JSON.stringify(all)).not.toMatch(/S3cret|AKIA|r1|r2/);
});
