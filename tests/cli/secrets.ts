/** What no command may show, and how to find out that one does. */
import assert from "node:assert/strict";
import type { Result } from "./process.ts";

/** Adds whatever is secret in the configuration directory. */
export function collect(
  secrets: Set<string>,
  accessTokens: Set<string>,
  configDir: string,
): void {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(configDir)];
  } catch {
    return; // it is not made yet
  }
  for (const { name, isFile } of entries) {
    if (!isFile || name === "config.json") continue;
    // A test may make a file that no process can read whole.
    if (Deno.statSync(`${configDir}/${name}`).size > 2 ** 24) continue;
    const text = Deno.readTextFileSync(`${configDir}/${name}`);
    for (const [, token = ""] of text.matchAll(/"token":\s*"([^"]+)"/g)) {
      secrets.add(token);
    }
    const [, access] = /"access_token":\s*\{\s*"token":\s*"([^"]+)"/.exec(
      text,
    ) ?? [];
    if (access !== undefined) accessTokens.add(access);
  }
}

/** What a command printed beside the one access token that it may print. */
export function withoutToken(
  result: Result,
  accessTokens: Iterable<string>,
): Result {
  for (const token of accessTokens) {
    const parts = result.stdout.split(token);
    if (parts.length === 2) return { ...result, stdout: parts.join("") };
  }
  return result;
}

/** What a command printed beside the stored tokens, each of which it may print once. */
export function withoutTokens(result: Result, configDir: string): Result {
  const stored = new Set<string>();
  collect(stored, new Set(), configDir);
  let { stdout } = result;
  for (const token of stored) stdout = stdout.replace(token, "");
  return { ...result, stdout };
}

/** What a code of the practice broker begins with; the TD Ameritrade one's are random. */
const CODE = `C0.${btoa("oauth.sandbox.invalid")}`;

/** Fails when an output shows what nobody may see (canaries, line 47 of the checklist). */
export function refuseSecrets(
  result: Result,
  secrets: Iterable<string>,
  args: readonly string[],
): void {
  for (const output of ["stdout", "stderr"] as const) {
    for (const secret of [...secrets, CODE, "PRIVATE KEY"]) {
      for (const form of [secret, encodeURIComponent(secret), btoa(secret)]) {
        assert.ok(
          !result[output].includes(form),
          `tdauth ${args.join(" ")} shows a secret on ${output}`,
        );
      }
    }
  }
}
