import { expect, it } from "vitest";
import { redact } from "./redact.ts";

it.each([
  "https://user:S3cret@host/path",
  "https://user:p@S3cret@host/path",
  "user:S3cret@host",
  "Authorization: Basic S3cretS3cret=",
  "authorization=S3cret",
  "headers map[Authorization:[Bearer S3cret]]",
  "Bearer S3cretS3cret",
  '{"access_token":"S3cret","token_type":"Bearer"}',
  '{\\"refresh_token\\":\\"S3cret\\"}',
  "pass = S3cret",
  "password: 'S3cret and more'",
  "client_secret=S3cret&x=1",
  "https://host/object?X-Amz-Signature=S3cret",
  "alias :sftp,host=x,pass=S3cret:path",
  "S3cretabcdefghijklmnopqrst0123456789",
  "eyJhbGciOiJIUzI1NiJ9S3cret.eyJzdWIiOiIxMjM0NTY3ODkwIn0S3cret",
  "AKIAIOSFODNN7S3cretXMPLE",
  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLE/S3cret+KEY",
])("hides %s", (text) => {
  expect(redact(text)).not.toContain("S3cret");
});

it.each([
  "dial tcp 127.0.0.1:22: connect: connection refused",
  "mkdir /srv/backup/売掛金: permission denied",
  'Failed to create file system for "branch:mikura": didn\'t find section in config file',
  "write /mnt/nas/mikura/config: no space left on device",
])("keeps %s", (text) => {
  expect(redact(text)).toBe(text);
});
