import { describe, expect, it } from "vitest";
import { flawOf } from "./answers.ts";

const list = { "list-type": "2", prefix: "a" };
const flaw = (text: string, query: Record<string, string> = list): string | undefined =>
  flawOf(query, Buffer.from(text));
const XML = '<?xml version="1.0" encoding="UTF-8"?>\n';
const whole = `${XML}<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name></ListBucketResult>`;

describe("flawOf", () => {
  it("finds none in a whole answer", () => {
    expect(flaw(whole)).toBeUndefined();
    expect(flaw(`${whole}\n`)).toBeUndefined();
    expect(flaw("<VersioningConfiguration/>", { versioning: "" })).toBeUndefined();
    expect(flaw("any", { "x-id": "GetObject" })).toBeUndefined();
  });

  it("sees one cut off at any byte", () => {
    for (let end = 0; end < whole.length; end++)
      expect(flaw(whole.slice(0, end)), `${end}`).toBe("cut");
  });

  it.each([
    "<html><body>Log in</body></html>",
    "{}",
    "sorry",
    "<ListVersionsResult></ListVersionsResult>",
    "<ListBucketResultOfSomething></ListBucketResultOfSomething>",
  ])("knows what is something else: %s", (text) => {
    expect(flaw(text)).toBe("foreign");
  });
});
