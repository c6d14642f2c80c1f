import { describe, expect, test } from "vitest";
import { show } from "./mistakes.ts";
import { isSecretKey, pastedSecret } from "./secrets.ts";

describe("show hides", () => {
  test.each([
    ["https://hanako:geheim@nas.example.jp/mikura", "***"],
    ["https://hanako:ge@heim@nas.example.jp", "***"],
    ["url: https://hanako:geheim", "url: https***"],
    ["https://nas.example.jp/mikura?sig=geheim", "https***"],
    [":sftp,host=example.jp,pass=geheim:mikura", ":sftp,host=example.jp,pass=***"],
    ['{"secret-access-key":"geheim"}', '{"secret-access-key":***'],
    ["合言葉: geheim", "合言葉:***"],
    ["AKIAIOSFODNN7EXAMPLE", "***"],
    ["-----BEGIN OPENSSH PRIVATE KEY-----b3Blb", "***"],
    ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY9", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY9"],
    ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "***"],
    ["x".repeat(5000), "…"],
  ])("%s", (text, shown) => expect(show(text)).toBe(shown));
});

describe("show leaves", () => {
  test.each([
    "/srv/ledger/ar",
    "https://nas.example.jp:8000/mikura",
    "https://三蔵.example.jp/写し",
    "password-file: /etc/mikura/rest-password",
    "company: @株",
    "branch:mikura",
    "20:00-07:00",
    "ページ：1",
  ])("%s", (text) => expect(show(text)).toBe(text));
});

test.each([
  ["password", true],
  ["AWS_SECRET_ACCESS_KEY", true],
  ["ａｃｃｅｓｓ＿ｋｅｙ", true],
  ["pass", true],
  ["合言葉", true],
  ["password-file", false],
  ["password_file", false],
  ["passwordfile", false],
  ["key-file", false],
  ["compass", false],
])("%s as a key: %s", (key, secret) => expect(isSecretKey(key)).toBe(secret));

test.each([
  ["AKIAIOSFODNN7EXAMPLE", true],
  ["-----BEGIN OPENSSH PRIVATE KEY-----", true],
  ["-----BEGIN OPENSSH PRIVATE KEY-----", true], // the same answer each time
  ["https://hanako:geheim@nas.example.jp", true],
  ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", true],
  ["/Srv/ledger2/K7MDENG/bPxRfiCYEXAMPLEKEYa", false],
  ["https://nas.example.jp/mikura", false],
  ["株式会社みほん商店", false],
])("%s is a secret: %s", (text, secret) => expect(pastedSecret(text) !== undefined).toBe(secret));
