/** A made-up command: its types are inferred, and all that is told of it is derived. */
import assert from "node:assert/strict";
import { fullAccount } from "../../src/cli/account/full_account.ts";
import { complete } from "../../src/cli/commands/complete/complete.ts";
import { manPage } from "../../src/cli/commands/man/man_page.ts";
import { TdauthError } from "../../src/base/errors.ts";
import {
  calledCommand,
  markCommand,
} from "../../src/cli/grammar/called_command.ts";
import { command, type Commands } from "../../src/cli/grammar/command.ts";
import { loadCommands } from "../../src/cli/grammar/named_command.ts";
import { buildParser } from "../../src/cli/grammar/parser.ts";
import { realIo } from "../../src/cli/terminal/io.ts";
import { completionData } from "../../tools/tables/completion_data.ts";

/** `true` where both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** What the made-up command was called with. */
let called: unknown;

const MADE_UP = command({
  group: "Maintenance",
  description: "Do what no command does; at length.",
  summary: "Do what no command does.",
  example: "tdauth imagine --within 5m thing",
  settings: "appKey",
  flags: {
    loudly: { flag: "--loudly", kind: "boolean", help: "make a noise" },
    within: { flag: "--within", kind: "duration", help: "a while, like 5m" },
    wait: {
      flag: "--wait",
      kind: "timeout",
      default: "1m",
      help: "how long to wait",
    },
    count: {
      flag: "--count",
      short: "-c",
      kind: "number",
      what: "a count",
      min: 1,
      max: 9,
      help: "how often",
    },
    colour: {
      flag: "--colour",
      kind: "choice",
      value: "colour",
      choices: { red: "as blood", blue: "as the sky" },
      help: "a colour",
    },
    tag: {
      flag: "--tag",
      kind: "text",
      value: "tag",
      repeated: true,
      help: "a tag; may be given again",
    },
    into: { flag: "--into", kind: "file", help: "where to" },
    place: {
      flag: "--place",
      kind: "directory",
      no: "go nowhere",
      help: "where it is",
    },
  },
  args: {
    what: { help: "what it is" },
    how: { kind: "file", optional: true, help: "how it is" },
    more: { optional: true, rest: true, help: "and so on" },
  },
  run({ flags, args, settings }) {
    const types: readonly true[] = [
      true satisfies Same<typeof flags.loudly, boolean>,
      true satisfies Same<typeof flags.within, number | undefined>,
      true satisfies Same<typeof flags.wait, number>,
      true satisfies Same<typeof flags.count, number | undefined>,
      true satisfies Same<typeof flags.colour, "red" | "blue" | undefined>,
      true satisfies Same<typeof flags.tag, readonly string[]>,
      true satisfies Same<typeof flags.into, string | undefined>,
      true satisfies Same<typeof flags.place, string | false | undefined>,
      true satisfies Same<typeof flags.json, boolean>,
      true satisfies Same<typeof args.what, string>,
      true satisfies Same<typeof args.how, string | undefined>,
      true satisfies Same<typeof args.more, readonly string[]>,
    ];
    called = { flags, args, settings, types: types.length };
  },
});

const WRAPPER = command({
  group: "Maintenance",
  description: "Run a command.",
  example: "tdauth wrap ls -l",
  flags: { within: { flag: "--within", kind: "duration", help: "a while" } },
  args: {
    program: { kind: "command", help: "the command" },
    more: { optional: true, rest: true, help: "its own" },
  },
  run: ({ args }) => void (called = args),
});

const TABLE: Commands = {
  imagine: () => Promise.resolve({ default: MADE_UP }),
  wrap: () => Promise.resolve({ default: WRAPPER }),
};

/** Runs a command line of the made-up table, and returns what it showed. */
async function run(...args: string[]): Promise<string> {
  called = undefined;
  let shown = "";
  const io = {
    ...realIo(args, () => undefined, new AbortController().signal),
    out: (text: string) => void (shown += text),
    terminal: { in: false, out: false, err: false },
  };
  const loaded = await loadCommands(TABLE, calledCommand(args, TABLE));
  const parser = buildParser(io, loaded, {
    commands: TABLE,
    account: fullAccount,
  });
  await parser.parseAsync(markCommand(args, loaded), { from: "user" })
    .catch((error) => {
      if (error.exitCode !== 0) throw error;
    });
  return shown;
}

Deno.test("command() passes its code parsed flags of the types in its definition", async () => {
  await run(
    "--profile",
    "work",
    "imagine",
    "thing",
    "file",
    "x",
    "y",
    ...["--loudly", "--within=1h30m", "--wait", "2m", "-c", "3"],
    ...["--colour", "blue", "--tag", "a", "--tag", "b", "--into", "f"],
    ...["--no-place", "--consumer-key", "KEY", "--json"],
  );
  assert.deepEqual(called, {
    flags: {
      json: true,
      verbose: false,
      loudly: true,
      within: 5400,
      wait: 120,
      count: 3,
      colour: "blue",
      tag: ["a", "b"],
      into: "f",
      place: false,
    },
    args: { what: "thing", how: "file", more: ["x", "y"] },
    settings: { profile: "work", consumerKey: "KEY" },
    types: 12,
  });
  await run("imagine", "thing");
  assert.deepEqual(called, {
    flags: {
      json: false,
      verbose: false,
      loudly: false,
      within: undefined,
      wait: 60,
      count: undefined,
      colour: undefined,
      tag: [],
      into: undefined,
      place: undefined,
    },
    args: { what: "thing", how: undefined, more: [] },
    settings: {},
    types: 12,
  });
});

for (
  const [flag, value, why] of [
    ["--within", "5", /^Cannot use "5" for --within: it has no unit$/],
    ["--wait", "0s", /^Cannot use "0s" for --wait: /],
    ["--count", "10", /^Cannot use "10" for --count: it is not a count$/],
    ["--count", "1.5", /: it is not a count$/],
    ["--colour", "toString", /: it is not one of its values$/],
  ] as const
) {
  Deno.test(`command() refuses ${flag} ${value} before its code runs`, async () => {
    await assert.rejects(
      run("imagine", "thing", flag, value),
      (error) =>
        error instanceof TdauthError && error.code === "invalid_options" &&
        why.test(error.message) && error.hint !== undefined,
    );
    assert.equal(called, undefined);
  });
}

Deno.test("markCommand() leaves flags after the command to it, for every command that runs one", async () => {
  await run("wrap", "--within", "5m", "ls", "-l", "--json");
  assert.deepEqual(called, { program: "ls", more: ["-l", "--json"] });
  await run("wrap", "--", "ls", "--help");
  assert.deepEqual(called, { program: "ls", more: ["--help"] });
});

Deno.test("a command's line in the table is enough for help, the manual, completions and hints", async () => {
  assert.match(await run("--help"), /\nMaintenance:\n {2}imagine +Do what no/);
  const help = await run("imagine", "--help");
  assert.match(help, /^Usage: tdauth imagine \[options\] <what> \[how\] /);
  for (
    const line of [
      /^ +--consumer-key <key> +the app's key.* \(TD_CONSUMER_KEY\)$/m,
      /^ +--wait <duration> +how long to wait \(default: 1m\)$/m,
      /^ +-c, --count <number> +how often$/m,
      /^ +--no-place +go nowhere$/m,
      /^ +--profile <name> /m,
      /^Example:\n {2}tdauth imagine --within 5m thing\n$/m,
    ]
  ) assert.match(help, line);
  assert.doesNotMatch(help, /--cert-file/);

  const manual = manPage(await loadCommands(TABLE)).replaceAll("\\-", "-");
  assert.match(manual, /^\.SS "tdauth imagine \[options\] <what> \[how\] /m);
  assert.match(manual, /^\.B "-c, --count <number>"$/m);

  const data = await completionData(TABLE);
  const values = async (...words: string[]) => {
    const { candidates, more } = await complete(data, words, () => undefined);
    return [...candidates.map(({ value }) => value), ...more ? [more] : []];
  };
  assert.deepEqual(await values(""), ["imagine", "wrap", "help"]);
  assert.deepEqual(await values("imagine", "--colour", ""), ["red", "blue"]);
  assert.deepEqual(await values("imagine", "--into", ""), ["files"]);
  assert.deepEqual(await values("imagine", "--place="), ["directories"]);
  assert.deepEqual(await values("imagine", "x", ""), ["files"]);
  const flags = await values("imagine", "--loudly", "--tag", "a", "--");
  assert.ok(flags.includes("--tag") && !flags.includes("--loudly"));
  assert.ok(flags.includes("--consumer-key") && flags.includes("--profile"));
  assert.deepEqual(await values("wrap", ""), [{ at: 2 }]);
});
