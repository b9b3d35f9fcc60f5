import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { modulesCommand } from "../../src/base/called.ts";
import { DENO_VERSION } from "../../src/base/deno_version.ts";
import { commandLine, Hint } from "../../src/base/hint.ts";
import { TdauthError } from "../../src/base/errors.ts";
import { prose } from "../../tools/check_hints.ts";
import { denoProcess } from "../../tools/deno.ts";
import { temporaryDirectory } from "../support.ts";

const LOGIN = { hint: { text: "log in:", command: ["login"] } };

Deno.test("Hint keeps commands as data until it is written", () => {
  const hint = new Hint([{ text: "run", command: ["login"] }, ", or wait"]);
  assert.deepEqual(hint.steps, [
    { text: "run", command: ["login"] },
    { text: ", or wait" },
  ]);
  assert.equal(hint.format(["tdauth"]), "run tdauth login, or wait");
  assert.equal(
    hint.forProfile("work").format(["tdauth"]),
    "run tdauth login --profile work, or wait",
  );
  assert.equal(`${new Hint("wait")}`, "wait");
});

Deno.test("commandLine() quotes what a shell would not take as one word", () => {
  assert.equal(
    commandLine(["tdauth"], ["fetch", "/a?b=c", "it's", "/trader/v1"]),
    "tdauth fetch '/a?b=c' 'it'\\''s' /trader/v1",
  );
});

Deno.test("modulesCommand() says what runs the command from where the module is", () => {
  const deno = "deno run -A".split(" ");
  const npx = ["npx", "-y", `deno@${DENO_VERSION}`, ...deno.slice(1)];
  const jsr = "jsr:@tdauth/tdauth/cli";
  for (
    const [url, dirname, words] of [
      ["file:///", "/a/tdauth/src/base", [...npx, "/a/tdauth/cli.ts"]],
      ["file:///", "/a/node_modules/@jsr/tdauth/src/base", [...npx, jsr]],
      [
        "https://registry.example/@tdauth/tdauth/0.1.0/src/base/called.ts",
        undefined,
        [...deno, jsr],
      ],
      [
        "https://code.example/v1/src/base/called.ts",
        undefined,
        [...deno, "https://code.example/v1/cli.ts"],
      ],
    ] as const
  ) {
    assert.deepEqual(
      modulesCommand({ url, ...(dirname !== undefined && { dirname }) }),
      words,
    );
  }
});

Deno.test("TdauthError shows its hint once, below the message, and not in the message", () => {
  const error = new TdauthError("login_needed", "Cannot go on: why", {
    ...LOGIN,
    cause: new Error("because"),
  });
  const shown = Deno.inspect(error);
  assert.match(
    shown,
    /^TdauthError: Cannot go on: why\nhint: log in: .* login\n {4}at .*hint_test\.ts/,
  );
  assert.equal(shown.split("log in").length, 2, shown);
  assert.match(shown, /\[cause\]: Error: because/);
  assert.equal(error.message, "Cannot go on: why");
  error.stack = "another";
  assert.equal(error.stack, "another", "who writes it over may");
});

Deno.test("an uncaught TdauthError shows message, hint and stack", async () => {
  await using directory = temporaryDirectory();
  const module = import.meta.resolve("../../mod.ts");
  const script = `${directory.path}/script.ts`;
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  Deno.writeTextFileSync(
    script,
    `import { authorize, MemCache } from "${module}";
await authorize({ consumerKey: "K", callbackUrl: "http://localhost:8080",
  profile: "work", configDir: "${directory.path}", cache: new MemCache(), interactive: false });`,
  );
  const { success, stderr } = await denoProcess(
    ["run", "-A", `--config=${config}`, script],
    { cwd: directory.path, env: { NO_COLOR: "1" } },
  ).output();
  assert.equal(success, false);
  const said = new TextDecoder().decode(stderr);
  assert.match(said, /^error: Uncaught \(in promise\) TdauthError: Cannot /);
  const line = commandLine(modulesCommand(), ["login", "--profile", "work"]);
  assert.ok(said.includes(`\nhint: log in: ${line}\n    at `), said);
  assert.match(said, /script\.ts:2:/);
});

Deno.test("docs and CI name the Deno that hints name", () => {
  for (
    const path of [
      "README.md",
      "CONTRIBUTING.md",
      "docs/installing.md",
      "docs/errors.md",
      ".ci/run",
    ]
  ) {
    const text = Deno.readTextFileSync(
      new URL(`../../${path}`, import.meta.url),
    );
    const named = [...text.matchAll(/deno@(\d[\w.]*\w)/g)].map(([, v]) => v);
    assert.ok(named.length > 0, path);
    assert.deepEqual([...new Set(named)], [DENO_VERSION], path);
  }
});

Deno.test("check_hints finds commands in prose, and leaves comments and definitions alone", () => {
  const found = (text: string, path = "src/a.ts") =>
    prose(path, text, ["login", "cert"]).map((line) => line.split(" ")[0]);
  assert.deepEqual(found('a;\nhint: "log in: tdauth login",'), ["src/a.ts:2"]);
  assert.deepEqual(found("const a = `run tdauth ${name}`;"), ["src/a.ts:1"]);
  assert.deepEqual(found('"see tdauth --help"'), ["src/a.ts:1"]);
  for (
    const text of [
      "// runs tdauth login\n/** As `tdauth cert` does. */",
      '"it is not one that tdauth made", "tdauth logins"',
      'example: "tdauth login --if-older 5d",',
    ]
  ) assert.deepEqual(found(text), []);
  assert.deepEqual(found('"tdauth login"', "src/cli/grammar/a.ts"), []);
});
