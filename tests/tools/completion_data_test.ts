/** A change to the table of commands must reach the shells. */
import assert from "node:assert/strict";
import {
  COMPLETION_DATA,
} from "../../src/cli/commands/complete/completion_data.ts";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { loadCommands } from "../../src/cli/grammar/named_command.ts";
import { completionData } from "../../tools/tables/completion_data.ts";
import { PARTS, withParts } from "../../tools/tables/derived_parts.ts";

const PATH = "src/cli/commands/complete/completion_data.ts";
const text = Deno.readTextFileSync(new URL(`../../${PATH}`, import.meta.url));

Deno.test("COMPLETION_DATA is what the table of commands says", async () => {
  assert.deepEqual(COMPLETION_DATA, await completionData(COMMANDS));
});

Deno.test("check_tables keeps the completions' data, and notices a text, a flag or a command that is not the table's", () => {
  assert.ok(PARTS.some(({ path }) => path === PATH));
  assert.equal(withParts(PATH, text), text);
  for (
    const change of [
      (whole: string) => whole.replace("Show the tokens", "Show tokens"),
      (whole: string) => whole.replace(/\n.*long: "--if-older".*/, ""),
      (whole: string) => whole.replace(/(name: ")logout"/, '$1signout"'),
      (whole: string) => whole.replace(/, repeated: true/, ""),
    ]
  ) {
    const changed = change(text);
    assert.notEqual(changed, text);
    assert.equal(withParts(PATH, changed), text);
  }
});

Deno.test("completionData() resolves choices and leaves out hidden commands and flags", async () => {
  const { commands } = await completionData(COMMANDS);
  const shown = await loadCommands(COMMANDS);
  assert.deepEqual(
    commands.flatMap(({ name, commands = [] }) => [
      name,
      ...commands.map((inner) => `${name} ${inner.name}`),
    ]),
    shown.filter(({ hidden }) => !hidden).map(({ name }) => name),
  );
  const login = commands.find(({ name }) => name === "login")?.flags
    .map(({ long }) => long);
  assert.ok(login?.includes("--on") && !login.includes("--remote"));
  const format = commands.find(({ name }) => name === "export")?.flags
    .find(({ long }) => long === "--format");
  assert.equal(
    typeof format?.offers === "object" && format.offers["pytd"],
    "pyTD",
  );
});
