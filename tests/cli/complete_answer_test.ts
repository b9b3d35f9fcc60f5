/** `answerTab()` answers a shell without the parser, and answers the same. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { answerTab } from "../../src/cli/commands/complete/answer.ts";
import {
  type CompletedCommand,
  COMPLETION_DATA,
} from "../../src/cli/commands/complete/completion_data.ts";
import { run } from "../../src/cli/program.ts";
import { realIo } from "../../src/cli/terminal/io.ts";
import { temporaryDirectory } from "../support.ts";

const { flags, help, commands } = COMPLETION_DATA;
const all = (some: readonly CompletedCommand[]): CompletedCommand[] =>
  some.flatMap((one) => [one, ...all(one.commands ?? [])]);
const names = all(commands).map(({ name }) => name);
const long = [help, ...flags, ...all(commands).flatMap(({ flags }) => flags)]
  .map((flag) => flag.long);

/** What a command line holds, and what only looks like it. */
const word = fc.oneof(
  fc.constantFrom(...names, "complete", "help"),
  fc.constantFrom(...long, "-h", "-o", "-x"),
  fc.constantFrom(...long).map((flag) => `${flag}=`),
  fc.constantFrom(
    "",
    "-",
    "--",
    "---",
    "-1",
    "work",
    "--profile=w",
    "=",
    "./x",
  ),
  fc.constantFrom("__proto__", "constructor", "toString"),
  fc.string(),
);

/** What the full program prints. */
async function full(
  args: readonly string[],
  env: (name: string) => string | undefined,
): Promise<string> {
  let printed = "";
  const code = await run({
    ...realIo(["complete", ...args], env, new AbortController().signal),
    out: (text) => void (printed += text),
    err: (text) => assert.fail(text),
  });
  assert.equal(code, 0);
  return printed;
}

Deno.test("answerTab() prints what the parser and the command print, for all words after --", async () => {
  await using directory = temporaryDirectory();
  Deno.writeTextFileSync(
    `${directory.path}/config.json`,
    JSON.stringify({ profiles: { work: { provider: "schwab" }, default: {} } }),
  );
  const env = (name: string) =>
    name === "TD_CONFIG_DIR" ? directory.path : undefined;
  const asked: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (words) => {
      const printed = await answerTab(["--", ...words], env);
      assert.equal(printed, await full(["--", ...words], env));
      const kind = /:(\w+).*\n$/.exec(printed)?.[1] ?? "";
      asked[kind] = (asked[kind] ?? 0) + 1;
    }),
    {
      numRuns: 500,
      examples: [
        [[]],
        [["--profile", ""]],
        [["token", "--profile=", ""]],
        [["--config-dir", "/nowhere", "--profile", ""]],
        [["exec", "--", "ls", "--"]],
        [["import", ""]],
        [["login", "--config-dir="]],
      ],
    },
  );
  assert.deepEqual(Object.keys(asked).sort(), [
    "command",
    "directories",
    "files",
    "nothing",
  ]);
});

Deno.test("answerTab() leaves everything without a leading -- to the parser", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(word, { maxLength: 4 }).filter(([first]) => first !== "--"),
      async (args) =>
        assert.equal(await answerTab(args, () => undefined), undefined),
    ),
  );
});
