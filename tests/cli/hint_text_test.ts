import assert from "node:assert/strict";
import { Hint } from "../../src/base/hint.ts";
import { fullAccount } from "../../src/cli/account/full_account.ts";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { type Command, outside } from "../../src/cli/grammar/command.ts";
import { isBelow } from "../../src/cli/grammar/named_command.ts";
import type { Io } from "../../src/cli/terminal/io.ts";
import { hintText, nextCommand } from "../../src/cli/terminal/hint_text.ts";

const io = {
  args: [],
  env: (name: string) => name === "TD_PROFILE" ? "work" : undefined,
  called: () => ["tdauth"],
  out: () => {},
  terminal: { in: false, out: false, err: false },
} as unknown as Io;
const command: Command = outside({
  io,
  commands: COMMANDS,
  account: fullAccount,
  values: new Map(),
  words: [],
});

Deno.test("nextCommand() adds the profile to every command that is about an account", () => {
  const names = Object.keys(COMMANDS);
  const all = [...names, "help"]
    .filter((name) => !names.some((other) => isBelow(other, name)))
    .filter((name) => name !== "complete") // shells call it, no hint does
    .map((name) => name.split(" "));
  const without = all.filter((words) =>
    nextCommand(command, words) === `tdauth ${words.join(" ")}`
  );
  assert.deepEqual(without.flat(), ["sandbox", "completions", "man", "help"]);
  for (const words of all.filter((words) => !without.includes(words))) {
    assert.equal(
      nextCommand(command, [...words, "--", "-x"]),
      `tdauth ${words.join(" ")} --profile work -- -x`,
    );
  }
});

Deno.test("nextCommand() leaves alone what names a profile, a help or all profiles", () => {
  for (
    const words of [
      ["login", "--profile", "other"],
      ["fetch", "--help"],
      ["logout", "--all"],
      ["--help"],
    ]
  ) {
    assert.equal(nextCommand(command, words), `tdauth ${words.join(" ")}`);
  }
});

Deno.test("hintText() adds the profile to all its commands, and how tdauth is called", () => {
  const hint = new Hint([
    { text: "to start anew:", command: ["logout"] },
    { text: ", then", command: ["login"] },
    ", or wait",
  ]);
  assert.equal(
    hintText(command, hint),
    "to start anew: tdauth logout --profile work, then tdauth login --profile work, or wait",
  );
  assert.equal(
    hintText(
      { ...command, io: { ...io, called: () => ["deno", "task", "cli"] } },
      new Hint({ text: "log in:", command: ["login"] }),
    ),
    "log in: deno task cli login --profile work",
  );
  assert.equal(
    hintText({ ...command, settings: { profile: "default" } }, hint),
    "to start anew: tdauth logout, then tdauth login, or wait",
    "a flag goes before a variable, and the default needs no flag",
  );
});
