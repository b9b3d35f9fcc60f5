import assert from "node:assert/strict";
import { shellWord } from "../../src/base/shell_word.ts";
import { only } from "../support.ts";

const SOURCE = new URL("../../src/", import.meta.url);

Deno.test({
  ...only("Unix", "shellWord() is one word that a shell reads as the text"),
  fn: () => {
    const texts = [
      ...["", "a b", "it's", "''", "'; touch x; '", '"$(id)"', "`id`"],
      ...["\\", "new\nline", "-rf", "*", "~", "é"],
    ];
    const { stdout } = new Deno.Command("sh", {
      args: ["-c", `printf '%s\\0' ${texts.map(shellWord).join(" ")}`],
    }).outputSync();
    const read = new TextDecoder().decode(stdout).split("\0").slice(0, -1);
    assert.deepEqual(read, texts);
  },
});

Deno.test("shellWord() makes all quotes around what a command is told", () => {
  // Not a command, but the words of the parser, and a line of `.env`.
  const allowed = [
    "cli/program.ts",
    "base/shell_word.ts",
    "token_files/dotenv_file.ts",
  ];
  for (const path of filesIn("")) {
    if (allowed.includes(path) || path.startsWith("sandbox/")) continue;
    assert.doesNotMatch(
      Deno.readTextFileSync(new URL(path, SOURCE)),
      /'(sql:)?\$\{/,
      path,
    );
  }
});

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, SOURCE))].flatMap((
    { name, isDirectory },
  ) => isDirectory ? filesIn(`${folder}${name}/`) : [`${folder}${name}`]);
}
