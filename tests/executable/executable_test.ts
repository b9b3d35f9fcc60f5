/** What is in the executable, what it may do, and that it is one of many processes like any other. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  bundle,
  bytesOverRuntime,
  compile,
  PERMISSIONS,
} from "../../tools/compile.ts";
import { startMachine, useProgram } from "../cli/machine.ts";
import "../interop/quiet.ts";
import { outcomeOf } from "../processes/fleet.ts";
import { sandboxPlace } from "../processes/place.ts";
import { runWaitingFleet } from "../processes/waiting_fleet.ts";
import { temporaryDirectory } from "../support.ts";
import { executable, filesIn } from "./executable.ts";

const program = await executable();
if ("path" in program) useProgram(program.path);

/** A test that needs the executable. */
function testCompiled(
  name: string,
  test: (made: Exclude<typeof program, { missing: string }>) => Promise<void>,
): void {
  Deno.test({
    name: "missing" in program
      ? `${name} (ignored: there is no executable: ${program.missing})`
      : name,
    ignore: "missing" in program,
    fn: async () => {
      if ("path" in program) await test(program);
    },
  });
}

/** Packages that only the project's own tests need, and what only their code says: a name that they export. */
const DEVELOPMENT = {
  "fast-check": ["scheduledModelRun", () => import("fast-check")],
  "oidc-provider": ["ExternalSigningKey", () => import("oidc-provider")],
  "playwright-core": ["_electron", () => import("playwright-core")],
} as const;

testCompiled(
  "the executable holds no package that only the project's own tests need",
  async ({ path }) => {
    const bytes = await Deno.readFile(path);
    for (const [name, [mark, load]] of Object.entries(DEVELOPMENT)) {
      assert.ok(mark in await load(), `${name} has no ${mark} any more`);
      assert.ok(!contains(bytes, mark), `${name} is inside`);
    }
    for (const text of ["quickToken", "unknown command"]) {
      assert.ok(contains(bytes, text), text); // or it would be searched in vain
    }
  },
);

testCompiled(
  "the executable has less than 1.2 MB over the runtime",
  async ({ path, compiler }) => {
    const bytes = await bytesOverRuntime(path, compiler);
    assert.ok(bytes > 100_000 && bytes < 1_200_000, `${bytes}`);
  },
);

Deno.test("bundle() leaves tdauth token one small file to load", async () => {
  await using work = temporaryDirectory();
  const { entry } = await bundle(work.path);
  const text = await Deno.readTextFile(entry);
  assert.doesNotMatch(text, /\bimport[{*"'\w ]|\bfrom ?["']|import\("|node:/);
  assert.ok(text.length < 8000, `${text.length}`);
  assert.ok(filesIn(work.path).length > 20, "everything else is in few files");
});

testCompiled(
  "the executable may use what PERMISSIONS names and nothing else, and asks for nothing",
  async ({ compiler }) => {
    await using work = temporaryDirectory();
    const entry = join(work.path, "probe.js");
    Deno.writeTextFileSync(
      entry,
      `const names = ["read", "write", "net", "env", "run", "ffi", "sys", "import"];
    const states = names.map((name) => name + " " + (Deno.permissions.querySync({ name }).state === "granted"));
    const tried = (run) => { try { return run() ?? "done"; } catch (error) { return error.name; } };
    states.push("uid " + typeof tried(() => Deno.uid()));
    states.push("hostname " + tried(() => Deno.hostname()));
    states.push("dlopen " + tried(() => Deno.dlopen("libc.so.6", {})));
    states.push("remote " + await import("http://127.0.0.1:9/" + "x.js").then(() => "loaded", () => "refused"));
    console.log(states.join("\\n"));`,
    );
    const probe = join(work.path, "probe");
    await compile(entry, probe, { compiler });
    const { stdout } = await new Deno.Command(probe, { stdin: "null" })
      .output();
    assert.deepEqual(new TextDecoder().decode(stdout).trim().split("\n"), [
      "read true",
      "write true",
      "net true",
      "env true",
      "run true",
      "ffi false",
      "sys false",
      "import false",
      "uid number",
      "hostname NotCapable",
      "dlopen NotCapable",
      "remote refused",
    ]);
    assert.ok(PERMISSIONS.includes("--no-prompt"));
  },
);

testCompiled(
  "the executable's help and errors say tdauth, and never Deno",
  async () => {
    await using machine = await startMachine();
    for (
      const args of [["--help"], ["login", "--help"], ["token"], ["nonsense"]]
    ) {
      const { stdout, stderr } = await machine.run(args);
      assert.match(stdout + stderr, /\btdauth\b/);
      assert.doesNotMatch(stdout + stderr, /deno/i);
    }
  },
);

testCompiled(
  "the executable and authorize() in 20 processes that wait at the same moment send one refresh",
  async ({ path }) => {
    await using place = await sandboxPlace({ rotation: "kill" });
    const results = await runWaitingFleet(place, {
      processes: 20,
      executable: path,
    });
    assert.deepEqual(
      await outcomeOf(place, results),
      { requests: 1, valid: 20, tokens: 1 },
      results.map(({ stderr }) => stderr).join(""),
    );
  },
);

function contains(bytes: Uint8Array, text: string): boolean {
  const wanted = new TextEncoder().encode(text);
  const [first = 0] = wanted;
  for (
    let at = bytes.indexOf(first);
    at >= 0;
    at = bytes.indexOf(first, at + 1)
  ) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return true;
  }
  return false;
}

testCompiled(
  "the executable logs in over https with its own sandbox --approve for a browser",
  async ({ path }) => {
    await using machine = await startMachine({ scheme: "https" });
    const browser = `"${path}" sandbox --approve`;
    const { code, stderr } = await machine.run(
      ["login", "--browser", browser, "--timeout", "60s"],
      { env: machine.appEnv },
    );
    assert.equal(code, 0, stderr);
  },
);
