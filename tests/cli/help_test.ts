import assert from "node:assert/strict";
import denoJson from "../../deno.json" with { type: "json" };
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { loadCommands } from "../../src/cli/grammar/named_command.ts";
import { assertError, jsonOf } from "./asserts.ts";
import { startMachine } from "./machine.ts";

const SHOWN = (await loadCommands(COMMANDS)).filter(({ hidden }) => !hidden)
  .map(({ name }) => name);

for (const command of SHOWN) {
  const words = command.split(" ");
  Deno.test(`tdauth ${command} --help shows what it does, its flags and an example`, async () => {
    await using machine = await startMachine();
    const help = await machine.run([...words, "--help"]);
    assert.deepEqual([help.code, help.stderr], [0, ""]);
    assert.match(help.stdout, new RegExp(`^Usage: tdauth ${command} `));
    assert.match(
      help.stdout,
      new RegExp(`\nExample:\n  .*tdauth ${command}.*\n$`),
    );
    for (const flag of ["--json", "--profile", "--verbose", "--help"]) {
      assert.ok(help.stdout.includes(` ${flag} `), flag);
    }
    const group = words.length === 1 ? [["help", command]] : [];
    for (const args of [...group, [...words, "-h"]]) {
      assert.deepEqual(await machine.run(args), help);
    }
  });
}

Deno.test("tdauth without a command shows its commands and exits with 0", async () => {
  await using machine = await startMachine();
  const none = await machine.run([]);
  assert.deepEqual([none.code, none.stderr], [0, ""]);
  for (const command of SHOWN.filter((name) => !name.includes(" "))) {
    assert.match(none.stdout, new RegExp(`^ {2}${command} `, "m"));
  }
  for (const args of [["--help"], ["help"], ["-h"]]) {
    assert.deepEqual(await machine.run(args), none);
  }
});

Deno.test("tdauth --version prints the version of deno.json", async () => {
  await using machine = await startMachine();
  for (const args of [["--version"], ["token", "--version"]]) {
    const { code, stdout, stderr } = await machine.run(args);
    assert.deepEqual(
      [code, stdout, stderr],
      [0, `tdauth ${denoJson.version}\n`, ""],
    );
  }
});

/** What is not understood, and what is said of it. */
const MISTAKES: readonly {
  readonly args: readonly string[];
  readonly why: RegExp;
  readonly hint: RegExp;
}[] = [
  {
    args: ["stauts"],
    why: /unknown command 'stauts'$/,
    hint: /^hint: did you mean status\?$/,
  },
  {
    args: ["xyzzy"],
    why: /unknown command 'xyzzy'$/,
    hint: /^hint: see tdauth --help$/,
  },
  {
    args: ["help", "xyzzy"],
    why: /unknown command 'xyzzy'$/,
    hint: /tdauth --help$/,
  },
  {
    args: ["login", "--no-browsr"],
    why: /unknown option '--no-browsr'$/,
    hint: /^hint: did you mean --no-browser\?$/,
  },
  {
    args: ["--profil", "work", "status"],
    why: /unknown option '--profil'$/,
    hint: /^hint: did you mean --profile\?$/,
  },
  {
    args: ["status", "--fail-within"],
    why: /option '--fail-within <duration>' argument missing$/,
    hint: /tdauth status --help$/,
  },
  {
    args: ["token", "please"],
    why: /'token' takes no 'please'$/,
    hint: /tdauth token --help$/,
  },
  {
    args: ["--verbose"],
    why: /no command specified$/,
    hint: /tdauth --help$/,
  },
  {
    // A secret on the command line is seen by every user of the machine.
    args: ["login", "--consumer-secret", "TYPED"],
    why: /unknown option '--consumer-secret'$/,
    hint: /^hint: /,
  },
];

for (const { args, why, hint } of MISTAKES) {
  Deno.test(`tdauth ${args.join(" ")} exits with 2 and says what may be meant`, async () => {
    await using machine = await startMachine();
    assertError(await machine.run(args), 2, why, hint);
    const json = await machine.run(["--json", ...args]);
    const { error } = jsonOf(json) as { error: Record<string, unknown> };
    assert.deepEqual([json.code, error["code"]], [2, "invalid_options"]);
  });
}

Deno.test("tdauth accepts its global flags before and after the command", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const options = { env: machine.appEnv };
  const after = await machine.run(["refresh", "--json"], options);
  const before = await machine.run(["--json", "refresh"], options);
  assert.deepEqual(
    Object.keys(jsonOf(after)),
    Object.keys(jsonOf(before)),
  );
});

Deno.test("tdauth reads --json and --verbose from TD_JSON and TD_VERBOSE", async () => {
  await using machine = await startMachine();
  const json = await machine.run(["status"], {
    env: { ...machine.appEnv, TD_JSON: "1" },
  });
  assert.equal(jsonOf(json)["profile"], "default");
  const plain = await machine.run(["status"], {
    env: { ...machine.appEnv, TD_JSON: "0" },
  });
  assert.match(plain.stdout, /Charles Schwab/);
  await machine.signIn();
  const token = await machine.run(["token"], {
    env: { ...machine.appEnv, TD_JSON: "true" },
    printsToken: true,
  });
  assert.equal(jsonOf(token)["token_type"], "Bearer");
});

Deno.test("tdauth login --help shows no flag that only programs use", async () => {
  await using machine = await startMachine();
  const { code, stdout } = await machine.run(["login", "--help"]);
  assert.equal(code, 0);
  assert.match(stdout, /--on <user@host>/);
  assert.doesNotMatch(stdout, /--remote\b/);
});
