// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Checks that an executable works on this system: it prints its version, logs in
 * to a practice broker, and prints the token and its status. `deno run -A
 * tools/smoke.ts dist/tdauth-linux-x64`
 */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import denoJson from "../deno.json" with { type: "json" };
import { startSandbox } from "../src/sandbox/mod.ts";

const [file] = Deno.args;
if (file === undefined) {
  console.error("usage: deno run -A tools/smoke.ts EXECUTABLE");
  Deno.exit(2);
}
const program = resolve(file);
// A file from an archive may have lost its executable bit.
if (Deno.build.os !== "windows") Deno.chmodSync(program, 0o755);
const directory = Deno.makeTempDirSync({ prefix: "tdauth_smoke_" });
try {
  await using sandbox = await startSandbox({
    callbackUrl: "https://127.0.0.1:0", // some free port
  });
  const { consumerKey, consumerSecret, callbackUrl } = sandbox.app;
  const env = {
    TD_CONFIG_DIR: `${directory}/config`,
    TD_SANDBOX: sandbox.url,
    TD_CONSUMER_KEY: consumerKey,
    TD_CONSUMER_SECRET: consumerSecret ?? "",
    TD_CALLBACK_URL: callbackUrl,
    NO_COLOR: "1",
  };
  const run = async (...args: string[]) => {
    const { success, stdout, stderr } = await new Deno.Command(program, {
      args,
      env,
      cwd: directory,
    }).output();
    const [out, told] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    assert.ok(success, `tdauth ${args.join(" ")} failed: ${told}`);
    return out;
  };
  assert.equal(
    (await run("--version"))?.trim(),
    `tdauth ${denoJson.version}`,
  );
  await run("login", "--browser", `"${program}" sandbox --approve`);
  const token = (await run("token"))?.trim() ?? "";
  const { status } = await fetch(`${sandbox.url}/trader/v1/accounts`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(status, 200, "the practice broker rejects the token");
  assert.match(await run("status") ?? "", /valid/);
} finally {
  Deno.removeSync(directory, { recursive: true });
}
console.log(`${file} works`);
