import { expect } from "vitest";
import { below } from "../../agent/copies/rest/homes.ts";
import { createNestedNotes } from "../../agent/copies/rest/nested-notes.ts";
import { createRestStore } from "../../agent/copies/rest/rest-store.ts";
import { createTcpHttp } from "../../agent/copies/rest/tcp-http.ts";
import type { Http } from "../../agent/copies/rest/http.ts";
import type { Store } from "../../agent/copies/store.ts";
import type { Lie, LyingRest } from "./lying-rest.ts";

/** What a Fault must show. */
interface Expected {
  readonly code: string;
  readonly transient: boolean;
  readonly message?: unknown;
}

// What comes back: the code, whether another try may help, and what the text must say.
export const UNSTEADY: Expected = { code: "copy-failed", transient: true };
export const BROKEN: Expected = { code: "copy-failed", transient: false };
export const UNTRUE: Expected = {
  ...UNSTEADY,
  message: expect.stringContaining("what it holds is not what was sent"),
};
export const STALLED: Expected = {
  code: "copy-absent",
  transient: true,
  message: expect.stringContaining("was cut"),
};
export const FULL: Expected = { code: "copy-full", transient: false };
export const DENIED: Expected = { code: "copy-refused", transient: false };
export const NO_PLACE: Expected = { code: "copy-absent", transient: false };

export const page: Lie = {
  status: 200,
  headers: { "content-type": "text/html; charset=utf-8" },
  body: "<html><title>Please log in</title></html>",
};
export const elsewhere: Lie = {
  status: 302,
  headers: { location: "http://127.0.0.1:1/login?token=x" },
};

const STALL_MS = 300;

export function connect(liar: LyingRest): Http {
  const signal = new AbortController().signal;
  return createTcpHttp({ copy: "test", signal, url: liar.origin, stallMs: STALL_MS });
}

/** The store as a new run opens it. */
export function openStore(liar: LyingRest, options: { serverChecks?: boolean } = {}): Store {
  const http = connect(liar);
  const notes = createNestedNotes({ copy: "test", vault: http, homes: [below(http, "mikura")] });
  return createRestStore(http, { copy: "test", notes, ...options });
}
