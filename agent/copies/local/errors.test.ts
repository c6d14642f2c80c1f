import { describe, expect, it } from "vitest";
import { Fault } from "../../base/fault.ts";
import { localFault } from "./errors.ts";

const failed = (code: string): Error => Object.assign(new Error(code), { code });
const place = { copy: "社長宅", path: "/media/a/config" };

describe("localFault", () => {
  it.each([
    ["ENOSPC", "copy-full"],
    ["EDQUOT", "copy-full"],
    ["Unknown system error -122", "copy-full"], // EDQUOT as libuv gives it
    ["EACCES", "copy-refused"],
    ["EPERM", "copy-refused"],
    ["EROFS", "copy-refused"],
    ["ENODEV", "copy-absent"],
    ["Unknown system error -116", "copy-absent"], // ESTALE: the NFS server was set up anew
    ["EIO", "copy-failed"],
    ["ENAMETOOLONG", "copy-failed"],
    ["Unknown system error -999", "copy-failed"],
  ])("%s is %s, naming copy and path", (errno, code) => {
    const fault = localFault(failed(errno), place) as Fault;
    expect(fault).toBeInstanceOf(Fault);
    expect(fault.code).toBe(code);
    for (const language of ["ja", "en"] as const) {
      expect(fault.what[language]).toContain("社長宅");
      expect(fault.what[language]).toContain("/media/a/config");
      expect(fault.next[language]).not.toBe("");
    }
  });

  it("leaves a Fault and a defect as they are", () => {
    const fault = localFault(failed("EIO"), place);
    expect(localFault(fault, place)).toBe(fault);
    const defect = new TypeError("no function");
    expect(localFault(defect, place)).toBe(defect);
  });
});
