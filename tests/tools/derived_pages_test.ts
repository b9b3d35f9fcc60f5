import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import {
  flagLines,
  globalFlagLines,
} from "../../src/cli/grammar/flag_lines.ts";
import { loadCommands } from "../../src/cli/grammar/named_command.ts";
import { PRESETS } from "../../src/providers/presets.ts";
import { SETTING_NAMES, settingRow } from "../../src/settings/setting_table.ts";
import { VARIABLES } from "../../src/settings/variable_table.ts";
import { FORMAT_PROGRAMS } from "../../src/token_files/format_names.ts";
import { FORMATS } from "../../src/token_files/formats.ts";

const DOCS = new URL("../../docs/", import.meta.url);
const read = (path: string) => Deno.readTextFileSync(new URL(path, DOCS));

/** A page is compared with its own generator in the gate; here, with the tables. */
Deno.test("docs/settings.md has a line for every setting and variable in both of its tables, and for every preset", () => {
  const page = read("settings.md");
  const [settings = "", providers = "", dotenv = ""] = [
    "settings",
    "providers",
    "env",
  ]
    .map((name) =>
      page.split(`<!-- begin ${name} -->`)[1]?.split("<!-- end")[0]
    );
  const variables = [
    ...SETTING_NAMES.map((name) => settingRow(name).variable),
    ...Object.keys(VARIABLES),
  ];
  for (const variable of variables) {
    for (const table of [settings, dotenv]) {
      assert.ok(table.includes(`\n| \`${variable}\` | `), variable);
    }
  }
  for (const { key, name } of PRESETS) {
    assert.ok(providers.includes(`\n| \`${key}\` | ${name} | `), key);
  }
});

Deno.test("docs/token-files.md has a line for every format, which says whether it can hold an access token alone", () => {
  const [, part = ""] = read("token-files.md").split("<!-- begin formats -->");
  const [table = ""] = part.split("<!-- end formats -->");
  const names = Object.keys(FORMAT_PROGRAMS);
  assert.deepEqual(FORMATS.map(({ name }) => name).sort(), names.toSorted());
  for (const { name, accessAlone, about: { programs } } of FORMATS) {
    const line = table.split("\n").find((one) =>
      one.startsWith(`| \`${name}\` | ${programs} | `)
    );
    assert.ok(line?.endsWith(accessAlone ? "| yes |" : "| no |"), name);
  }
});

Deno.test("the manual has every command with its description and example, and every flag", async () => {
  const manual = read("man/tdauth.1").replaceAll("\\-", "-")
    .replaceAll("\\(aq", "'").replaceAll("\\(ti", "~").replaceAll("\\(dq", '"')
    .replaceAll("\\&", "")
    .replaceAll(/\s+/g, " ");
  for (const command of await loadCommands(COMMANDS)) {
    if (command.hidden) continue;
    const { name, description, example } = command;
    const begin = manual.indexOf(`.SS "tdauth ${name}`);
    assert.ok(begin > 0, name);
    const section = manual.slice(begin, manual.indexOf(".SS ", begin + 1));
    assert.ok(section.includes(description), `${name}: ${description}`);
    assert.ok(section.includes(example.split(" ").at(-1) ?? ""), name);
    for (const { long, hidden } of flagLines(command)) {
      if (hidden) continue;
      assert.ok(section.includes(long), `${name} ${long}`);
    }
  }
  for (const { long } of globalFlagLines()) assert.ok(manual.includes(long));
});
