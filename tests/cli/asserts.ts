/** What the tests of the whole program say about outputs. */
import assert from "node:assert/strict";
import type { Result } from "./process.ts";

/** The command did its job and said nothing on stdout. */
export function assertQuiet(result: Result): void {
  assert.deepEqual([result.code, result.stdout], [0, ""], result.stderr);
}

/** stdout is one JSON value and a newline; returns the value. */
export function jsonOf(result: Result): Record<string, unknown> {
  assert.match(result.stdout, /\n$/);
  return JSON.parse(result.stdout); // which throws when there is more than one
}

/** Errors are one line `tdauth: …: …` and at most one that begins with `hint:`, and nothing is on stdout. */
export function assertError(
  result: Result,
  code: number,
  why: RegExp,
  hint?: RegExp,
): void {
  assert.equal(result.stdout, "");
  assertErrorLines(result, code, why, hint);
}

/** As {@linkcode assertError}, after whatever was said before the error. */
export function assertErrorLines(
  result: Result,
  code: number,
  why: RegExp,
  hint?: RegExp,
  before?: RegExp,
): void {
  const said = result.stderr;
  const lines = said.split("\n");
  assert.equal(lines.pop(), "", `stderr does not end in a newline: ${said}`);
  const at = lines.findIndex((line) => line.startsWith("tdauth: "));
  if (before === undefined) assert.equal(at, 0, said);
  else assert.match(lines.slice(0, at).join("\n"), before);
  const [error = "", ...rest] = lines.slice(at);
  assert.match(error, /^tdauth: \S.*: \S.*[^.]$/);
  assert.match(error, why);
  assert.ok(rest.length <= 1, said);
  if (rest.length === 1) assert.match(rest[0] ?? "", /^hint: \S.*[^.]$/);
  if (hint !== undefined) assert.match(rest[0] ?? "", hint);
  assert.equal(result.code, code, said);
}

/** The permissions of a file or directory. */
export function modeOf(path: string): number | undefined {
  const { mode } = Deno.statSync(path);
  return mode === null ? undefined : mode & 0o777;
}
