/** The commands as users run them: from JSR. */
import assert from "node:assert/strict";
import { assertError } from "../cli/asserts.ts";
import type { Result } from "../cli/process.ts";
import { startMachine, useProgram } from "../cli/machine.ts";
import { runEveryCommand } from "./every_command.ts";
import { assertDone, publishPackage, type Registries } from "./registries.ts";

/** What the clone's `tdauth` and the package's both print. */
const DAILY: readonly (readonly string[])[] = [
  ["token"],
  ["header"],
  ["status"],
  ["status", "--json"],
  ["exec", "--", "printenv", "TD_ACCESS_TOKEN"],
  ["--version"],
  ["--help"],
  ["nonsense"],
];

Deno.test("deno run jsr:@tdauth/tdauth/cli downloads little for tdauth token, says what a refresh lacks, and prints what the clone prints", async () => {
  await using registries = await publishPackage();
  await using user = registries.user();
  await using machine = await startMachine();
  const { consumerKey, callbackUrl } = machine.sandbox.app;
  machine.writeConfig({
    default: { provider: "schwab", consumerKey, callbackUrl },
  });
  const tokens = await machine.signIn();
  const real = JSON.stringify({ ...tokens, provider: "schwab" });
  Deno.writeTextFileSync(machine.tokenPath, real);
  const all = async () => {
    const results: Result[] = [];
    for (const args of DAILY) {
      results.push(
        await machine.run(args, {
          printsToken: true,
          env: { PATH: "/bin:/usr/bin" },
        }),
      );
    }
    return results;
  };
  const clone = await all();
  const { length: files } = [...registries.published.files.keys()]
    .filter((path) => path.endsWith(".ts"));

  useProgram(registries.tdauth, user.env);
  await machine.run(["token"], { printsToken: true });
  const first = registries.requests().length;
  assert.ok(first > 2 && first < files / 4, `${first} of ${files} files`);
  useProgram(registries.cachedTdauth, user.env);
  assertError(
    await machine.run(["refresh"]),
    5,
    /^tdauth: cannot download http.*: it is not cached, and --cached-only/,
    /^hint: run it once with network access/,
  );
  useProgram(registries.tdauth, user.env);
  const normal = ({ code, stdout, stderr }: Result) => ({
    code,
    stdout: stdout.replace(/\d+/g, "0"), // time passes
    stderr: stderr.replace("deno run -A jsr:@tdauth/tdauth/cli", "tdauth"),
  });
  assert.deepEqual((await all()).map(normal), clone.map(normal));
});

Deno.test("each command runs from JSR without a network after deno cache", async (test) => {
  await afterwards(
    test,
    ({ specifier }) => ["cache", `${specifier}/cli`],
  );
});

Deno.test("a login works from JSR without a network after one tdauth --help", async (test) => {
  await afterwards(
    test,
    ({ tdauth: [, ...words] }) => [...words, "--help"],
    "login",
  );
});

/** Runs commands of a user who has a network for the first one of Deno's alone. */
async function afterwards(
  test: Deno.TestContext,
  first: (registries: Registries) => readonly string[],
  last?: string,
): Promise<void> {
  await using registries = await publishPackage();
  await using user = registries.user();
  assertDone(await user.deno(first(registries)));
  const before = registries.requests().length;
  assert.ok(before > 100, `${before} downloads`);
  await registries.stop();
  useProgram(registries.cachedTdauth, user.env);
  const browser = [...registries.cachedTdauth, "sandbox", "--approve"];
  await runEveryCommand(test, browser.join(" "), last);
  assert.equal(registries.requests().length, before);
}
