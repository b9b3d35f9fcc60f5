/** Many processes that write one cache file. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { DiskCache } from "../../mod.ts";
import { Running } from "../cli/process.ts";
import { modeOf } from "../cli/asserts.ts";
import { cleanEnv } from "../interop/command.ts";
import { temporaryDirectory } from "../support.ts";
import { putUpBarrier } from "./barrier.ts";
import { deno } from "../../tools/deno.ts";
import { tokensIn } from "../tokens_in.ts";

const WRITER = fileURLToPath(new URL("writer_child.ts", import.meta.url));
const TIMES = 40;
type Property = "accessToken" | "refreshToken";

/**
 * Runs writers of the properties at once; each fails when it finds something lost
 * or torn. All write until the last has written {@linkcode TIMES} times.
 *
 * @returns The last token of each, without its filling.
 */
async function write(
  path: string,
  properties: readonly Property[],
): Promise<string[]> {
  const env = cleanEnv(path);
  await using barrier = putUpBarrier();
  await using end = putUpBarrier();
  const writers = properties.map((property, index) => {
    const [program, ...args] = deno(
      "run",
      "-A",
      WRITER,
      `${path}/cache`,
      property,
      `writer${index}`,
      String(TIMES),
      String(end.port),
    );
    return new Running(program, {
      args,
      env: { ...env, BARRIER_PORT: String(barrier.port) },
      cwd: path,
    });
  });
  await barrier.release(writers);
  await end.release(writers);
  return await Promise.all(writers.map(async ({ result }, index) => {
    const { code, stdout, stderr } = await result;
    assert.equal(code, 0, stderr);
    assert.ok(Number(stdout) >= TIMES, stdout);
    return `writer${index}-${stdout}-`;
  }));
}

function assertLast(
  token: { readonly token: string | undefined },
  written: readonly (string | undefined)[],
): void {
  const found = token.token?.replace(/x*$/, "");
  assert.ok(written.includes(found), `${found} is none of ${written}`);
}

Deno.test("DiskCache keeps everything when one process sets only the access token and another only the refresh token", async () => {
  await using directory = temporaryDirectory();
  const [access, refresh] = await write(directory.path, [
    "accessToken",
    "refreshToken",
  ]);
  const cache = new DiskCache(`${directory.path}/cache`, "tokens");
  const { accessToken, refreshToken } = await tokensIn(cache).load();
  assertLast(accessToken, [access]);
  assertLast(refreshToken, [refresh]);
});

Deno.test("DiskCache loses nothing and tears nothing when eight processes write one file", async () => {
  await using directory = temporaryDirectory();
  const path = `${directory.path}/cache`;
  const written = await write(
    directory.path,
    Array.from(
      { length: 8 },
      (_, index) => index % 2 ? "refreshToken" : "accessToken",
    ),
  );
  const { accessToken, refreshToken } = await tokensIn(
    new DiskCache(path, "tokens"),
  ).load();
  assertLast(accessToken, written.filter((_, index) => index % 2 === 0));
  assertLast(refreshToken, written.filter((_, index) => index % 2 === 1));
  assert.equal(modeOf(`${path}/tokens`), 0o600);
  const left = [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  assert.deepEqual(left, [".write.lock", "tokens"]);
});
