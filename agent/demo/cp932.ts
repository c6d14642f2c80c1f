import iconv from "iconv-lite";

/** Text as Japanese business programs on Windows write it. Node decodes this encoding but cannot encode it. */
export function toCp932(text: string): Buffer {
  const bytes = iconv.encode(text, "cp932");
  // iconv-lite writes "?" for what CP932 lacks, which the ledger checks take for a lost character.
  if (iconv.decode(bytes, "cp932") !== text)
    throw new Error(`not all of this is in CP932: ${text}`);
  return bytes;
}
