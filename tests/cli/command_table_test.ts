/** What holds for every command of the table. */
import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import {
  flagLines,
  globalFlagLines,
  helpLine,
} from "../../src/cli/grammar/flag_lines.ts";
import { isBelow, loadCommands } from "../../src/cli/grammar/named_command.ts";
import { SETTING_NAMES, settingRow } from "../../src/settings/setting_table.ts";
import { commandsIn, misunderstood, wordsOf } from "../command_lines.ts";

const loaded = await loadCommands(COMMANDS);

for (const { name, example } of loaded) {
  Deno.test(`tdauth ${name} has an example that is understood`, async () => {
    const lines = commandsIn(`\`\`\`sh\n${example}\n\`\`\`\n`)
      .map(({ line }) => line);
    assert.ok(lines.some((line) => line.startsWith(`tdauth ${name}`)), example);
    for (const line of lines) {
      assert.equal(await misunderstood(wordsOf(line), false), undefined, line);
    }
  });
}

Deno.test("every definition in src/cli/commands/ is in the table", async () => {
  const directory = new URL("../../src/cli/commands/", import.meta.url);
  const inTable = new Set(
    await Promise.all(
      Object.values(COMMANDS).map(async (load) => (await load()).default),
    ),
  );
  const files = filesIn(directory)
    .filter((file) =>
      /^export default command\(/m.test(Deno.readTextFileSync(file))
    );
  for (const file of files) {
    assert.ok(inTable.has((await import(file.href)).default), file.pathname);
  }
  assert.equal(files.length, inTable.size);
});

Deno.test("the table says of each command where the help lists it, and what it runs", () => {
  for (const { name, group, hidden, start, description, summary } of loaded) {
    const parent = name.includes(" ") ? name.replace(/ [^ ]+$/, "") : undefined;
    assert.equal(group === undefined, hidden || parent !== undefined, name);
    if (parent !== undefined) assert.ok(Object.hasOwn(COMMANDS, parent), name);
    const isGroup = loaded.some((one) => isBelow(one.name, name));
    assert.equal(start === undefined, isGroup, name);
    for (const text of [description, summary ?? description]) {
      assert.match(text, /^[A-Z].*\.$/, name);
    }
    assert.ok((summary ?? description).length <= 60, name);
  }
});

Deno.test("the flags of the table are each of one name in the code and on the command line, and of one meaning", () => {
  const global = [...globalFlagLines(), helpLine()];
  for (const command of loaded) {
    const lines = [...flagLines(command), ...global];
    const names = lines.flatMap(({ long, short }) =>
      short === undefined ? [long] : [long, short]
    );
    assert.equal(new Set(names).size, names.length, command.name);
    for (const { help } of lines) assert.doesNotMatch(help, /^[A-Z][a-z]|\.$/);
    for (const [name, { flag }] of Object.entries(command.flags)) {
      const camel = flag.slice(2).replace(
        /-(.)/g,
        (_, letter: string) => letter.toUpperCase(),
      );
      assert.equal(camel, name, command.name);
    }
  }
});

Deno.test("each setting with a flag is one of every command, or of those that describe the app", () => {
  const taken = [
    ...globalFlagLines(),
    ...flagLines({ flags: {}, settings: "app" }),
  ];
  for (const { flag, variable } of SETTING_NAMES.map(settingRow)) {
    if (flag === undefined) continue;
    const lines = taken.filter(({ long }) => long === flag);
    assert.equal(lines.length, 1, flag);
    assert.ok(lines[0]?.help.endsWith(` (${variable})`), flag);
  }
  assert.ok(loaded.some(({ settings }) => settings === "app"));
});

function filesIn(directory: URL): URL[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) =>
    isDirectory
      ? filesIn(new URL(`${name}/`, directory))
      : [new URL(name, directory)]
  );
}
