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

const WRITER = fileURLToPath(new URL("writer_child.ts", import.meta.url));
const TIMES = 40;
type Property = "accessToken" | "refreshToken";

/** Runs writers of the properties at once; each fails when it finds something lost or torn. */
async function write(
  path: string,
  properties: readonly Property[],
): Promise<void> {
  const env = cleanEnv(path);
  await using barrier = putUpBarrier();
  const writers = properties.map((property, index) => {
    const [program, ...args] = deno(
      "run",
      "-A",
      WRITER,
      `${path}/cache`,
      property,
      `writer${index}`,
      String(TIMES),
    );
    return new Running(program, {
      args,
      env: { ...env, BARRIER_PORT: String(barrier.port) },
      cwd: path,
    });
  });
  await barrier.release(writers);
  for (const { result } of writers) {
    const { code, stderr } = await result;
    assert.equal(code, 0, stderr);
  }
}

Deno.test("DiskCache loses nothing when one process sets only the access token and another only the refresh token", async () => {
  await using directory = temporaryDirectory();
  await write(directory.path, ["accessToken", "refreshToken"]);
  const cache = new DiskCache(`${directory.path}/cache`, "tokens");
  const { accessToken, refreshToken } = await cache.load();
  assert.match(String(accessToken), new RegExp(`^writer0-${TIMES}-`));
  assert.match(String(refreshToken), new RegExp(`^writer1-${TIMES}-`));
});

Deno.test("DiskCache loses nothing and tears nothing when eight processes write one file", async () => {
  await using directory = temporaryDirectory();
  const path = `${directory.path}/cache`;
  await write(
    directory.path,
    Array.from(
      { length: 8 },
      (_, index) => index % 2 ? "refreshToken" : "accessToken",
    ),
  );
  const { accessToken, refreshToken } = await new DiskCache(path, "tokens")
    .load();
  assert.match(String(accessToken), new RegExp(`^writer[0246]-${TIMES}-`));
  assert.match(String(refreshToken), new RegExp(`^writer[1357]-${TIMES}-`));
  assert.equal(modeOf(`${path}/tokens`), 0o600);
  const left = [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  assert.deepEqual(left, [".write.lock", "tokens"]);
});
