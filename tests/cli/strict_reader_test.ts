import assert from "node:assert/strict";
import fc from "fast-check";
import { DAILY } from "../../cli.ts";
import { fullAccount } from "../../src/cli/account/full_account.ts";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import type { Flag } from "../../src/cli/grammar/flag.ts";
import {
  calledCommand,
  markCommand,
} from "../../src/cli/grammar/called_command.ts";
import {
  flagLines,
  globalFlagLines,
} from "../../src/cli/grammar/flag_lines.ts";
import {
  loadCommands,
  type NamedCommand,
} from "../../src/cli/grammar/named_command.ts";
import { buildParser } from "../../src/cli/grammar/parser.ts";
import type { Words } from "../../src/cli/grammar/read_flags.ts";
import { readName, readWords } from "../../src/cli/grammar/strict_reader.ts";
import { realIo } from "../../src/cli/terminal/io.ts";
import { runs } from "../fuzz/fuzz.ts";

/** How many lines are generated. */
const LINES = 8000;

/** A command line as it was understood. */
interface Understood {
  readonly name: string;
  readonly words: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

const all = await loadCommands(COMMANDS);
const top = all.filter(({ name }) => !name.includes(" "));

/** What the strict reader understands; `undefined` when it leaves the line to the parser. */
function strictly(args: readonly string[]): Understood | undefined {
  const line = readName(args);
  const command = all.find(({ name }) => name === line?.name);
  // A group has nothing to run, which `dailyCommand()` looks at itself.
  if (line === undefined || command?.start === undefined) return undefined;
  const read = readWords(line, command);
  return read && understood(command.name, read);
}

/** What the parser understands, asked as `run()` does. */
async function parsed(args: readonly string[]): Promise<Understood[]> {
  const calls: Understood[] = [];
  const called = calledCommand(args, COMMANDS);
  assert.ok(called !== undefined);
  const loaded = (await loadCommands(COMMANDS, called)).map((
    command,
  ): NamedCommand =>
    command.start === undefined ? command : {
      ...command,
      start: (given) => {
        calls.push(understood(command.name, given));
        return Promise.resolve();
      },
    }
  );
  const io = {
    ...realIo(args, () => undefined, new AbortController().signal),
    out: () => {},
    err: () => {},
  };
  const parser = buildParser(io, loaded, {
    commands: COMMANDS,
    account: fullAccount,
  });
  await parser.parseAsync(markCommand(args, loaded), { from: "user" });
  return calls;
}

function understood(name: string, { values, words }: Words): Understood {
  const set = [...values].filter(([, value]) => value !== undefined);
  return { name, words, values: Object.fromEntries(set) };
}

const longs = new Set(
  [...globalFlagLines(), ...all.flatMap(flagLines)].map(({ long }) => long),
);

/** Values as users type them. */
const plain = fc.constantFrom("5m", "8d", "work", "a=b", "ls", "ключ", "token");
/** Words that mean something to one of the two, or look as if they did. */
const word = fc.oneof(
  fc.constantFrom("5m", "8d", "work", "x", "true", "0", "a=b", "..", "ls"),
  fc.constantFrom(...all.flatMap(({ name }) => name.split(" ")), "help"),
  fc.constantFrom("", " ", "-", "--", "---", "=", "--=", "-5", "-x", "-h"),
  fc.constantFrom("--help", "--version", "-V", "__proto__", "constructor"),
  fc.constantFrom("--no-json", "--no-profile", "--unknown", "--prof", "--Json"),
  fc.string({ unit: "binary", maxLength: 4 }),
);
const anyFlag = fc.constantFrom(...longs, "--unknown", "-h", "-o", "-f");
const noise = fc.oneof(
  word.map((one) => [one]),
  anyFlag.map((flag) => [flag]),
  fc.tuple(anyFlag, word).map(([flag, value]) => [flag, value]),
  fc.tuple(anyFlag, word).map(([flag, value]) => [`${flag}=${value}`]),
);

/** A flag of these as it is used, mostly with a value if it takes one. */
function used(
  lines: ReturnType<typeof globalFlagLines>,
): fc.Arbitrary<string[]> {
  const text = fc.oneof({ weight: 4, arbitrary: plain }, {
    weight: 1,
    arbitrary: word,
  });
  return fc.tuple(fc.constantFrom(...lines), text, fc.nat(9)).map(
    ([{ long, value }, text, form]) =>
      value === undefined
        ? [form === 0 ? `${long}=${text}` : long]
        : form === 0
        ? [long]
        : form < 4
        ? [`${long}=${text}`]
        : [long, text],
  );
}

function flags(
  lines: ReturnType<typeof globalFlagLines>,
): fc.Arbitrary<string[]> {
  return fc.array(
    fc.oneof(
      { weight: 12, arbitrary: used(lines) },
      { weight: 1, arbitrary: noise },
    ),
    { maxLength: 3 },
  ).map((parts) => parts.flat());
}

/** The command itself, the daily ones more often. */
const command = fc.oneof(
  fc.constantFrom(...top),
  fc.constantFrom(...top.filter(({ name }) => Object.hasOwn(DAILY, name))),
);

const commandLine = command.chain((one) =>
  fc.tuple(
    flags(globalFlagLines()),
    flags([...globalFlagLines(), ...flagLines(one)]),
    fc.oneof(
      {
        weight: 3,
        arbitrary: Object.keys(one.args).length === 0
          ? fc.constant([])
          : fc.array(noise, { minLength: 1, maxLength: 3 })
            .map((more) => ["ls", ...more.flat()]),
      },
      { weight: 1, arbitrary: fc.array(word, { maxLength: 3 }) },
    ),
  ).map(([before, after, words]) => [...before, one.name, ...after, ...words])
);

Deno.test("readName() and readWords() understand a command line as the parser does, or leave it to the parser", async () => {
  const read = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(commandLine, async (args) => {
      const strict = strictly(args);
      if (strict === undefined) return;
      read.set(strict.name, (read.get(strict.name) ?? 0) + 1);
      assert.deepEqual(await parsed(args), [strict]);
    }),
    runs(LINES),
  );
  const total = [...read.values()].reduce((sum, count) => sum + count, 0);
  assert.ok(total > LINES / 6, `only ${total} lines were read strictly`);
  for (const name of Object.keys(DAILY)) {
    const count = read.get(name) ?? 0;
    assert.ok(count > LINES / 60, `"${name}" was read strictly ${count} times`);
  }
});

Deno.test("readName() and readWords() read the lines that scripts use", () => {
  const line = (text: string) => strictly(text.split(" "));
  const token = { name: "token", words: [] };
  assert.deepEqual(line("token"), { ...token, values: {} });
  assert.deepEqual(line("--profile work token --json --min-valid=5m"), {
    ...token,
    values: { "--profile": "work", "--json": true, "--min-valid": "5m" },
  });
  for (const mark of ["", "-- "]) {
    assert.deepEqual(line(`exec --profile work ${mark}ls --json -- x`), {
      name: "exec",
      words: ["ls", "--json", "--", "x"],
      values: { "--profile": "work" },
    });
  }
  for (
    const left of [
      ...["token --", "token x", "token --help", "help token", "exec --"],
      ...["--unknown token", "token --json=1", "token --min-valid -5m"],
      ...["token --min-valid=", "token --min-valid", "cert", "--json", ""],
    ]
  ) assert.equal(line(left), undefined, left);
});

Deno.test("readWords() leaves a command whose flags have more than one form to the parser", () => {
  const read = (flag: Flag) =>
    readWords({ name: "x", values: new Map(), rest: [] }, {
      flags: { flag },
      args: {},
    });
  const plain = { flag: "--tag", kind: "text", help: "" } as const;
  assert.ok(read(plain));
  assert.equal(read({ ...plain, repeated: true }), undefined);
  assert.equal(read({ ...plain, no: "without" }), undefined);
  assert.equal(read({ ...plain, short: "-t" }), undefined);
});
