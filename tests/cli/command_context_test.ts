import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { type Command, outside } from "../../src/cli/grammar/command.ts";
import { loadCommands } from "../../src/cli/grammar/named_command.ts";
import { buildParser } from "../../src/cli/grammar/parser.ts";
import type { Io } from "../../src/cli/terminal/io.ts";
import { ofProfile } from "../../src/cli/terminal/of_profile.ts";

const io = {
  args: [],
  env: (name: string) => name === "TD_PROFILE" ? "work" : undefined,
  out: () => {},
  terminal: { in: false, out: false, err: false },
} as unknown as Io;
const command: Command = outside({
  io,
  commands: COMMANDS,
  values: new Map(),
  words: [],
});

Deno.test("ofProfile() adds the profile to every command that is about an account", async () => {
  const parser = buildParser(io, await loadCommands(COMMANDS), COMMANDS);
  const names = parser.createHelp().visibleCommands(parser).flatMap((one) =>
    one.commands.length === 0
      ? [one.name()]
      : one.commands.map((own) => `${one.name()} ${own.name()}`)
  );
  const without = names.filter((name) =>
    ofProfile(command, `run tdauth ${name}`) === `run tdauth ${name}`
  );
  assert.deepEqual(without, ["sandbox", "completions", "man", "help"]);
  for (const name of names.filter((name) => !without.includes(name))) {
    assert.equal(
      ofProfile(command, `run tdauth ${name} /x, or wait`),
      `run tdauth ${name} --profile work /x, or wait`,
    );
  }
});

Deno.test("ofProfile() leaves alone what names a profile, a help, all profiles, or no command", () => {
  for (
    const text of [
      "tdauth login --profile other",
      "see tdauth fetch --help",
      "tdauth logout --all",
      "end the tdauth process",
      "with tdauth loginctl",
    ]
  ) assert.equal(ofProfile(command, text), text);
  assert.equal(
    ofProfile({ ...command, settings: { profile: "default" } }, "tdauth login"),
    "tdauth login",
  );
  assert.equal(
    ofProfile(command, "tdauth refresh, then tdauth doctor"),
    "tdauth refresh --profile work, then tdauth doctor --profile work",
  );
});
