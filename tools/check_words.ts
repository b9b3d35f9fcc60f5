// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when a word of `tools/words/words.ts` is used that the field has a better
 * one for: in sources, tests' names, help, pages and docs. `deno task words` runs
 * it: it reads the code with the TypeScript parser, a package of `tests/deno.json`.
 */
import { sourceFiles } from "./source_files.ts";
import { findWords } from "./words/find_words.ts";
import { WORDS } from "./words/words.ts";

/** Generated files, and the table itself with its test. */
const EXEMPT =
  /^(docs\/errors\.md|tools\/words\/words\.ts|tests\/tools\/check_words_test\.ts)$/;

const root = new URL("../", import.meta.url);
const pages = (folder: string) =>
  [...Deno.readDirSync(new URL(folder, root))].map(({ name }) => name)
    .filter((name) => name.endsWith(".md")).sort()
    .map((name) => `${folder}${name}`);
const files = [
  "cli.ts",
  "mod.ts",
  ...sourceFiles("src", "tools", "examples", "tests"),
  ...pages(""),
  ...pages("docs/"),
].filter((path) => !EXEMPT.test(path));

const found = files.flatMap((path) =>
  findWords(path, Deno.readTextFileSync(new URL(path, root)), WORDS)
);
for (const { path, line, found: words, word } of found) {
  console.error(`${path}:${line} says "${words}": say "${word.say}"`);
}
if (found.length > 0) {
  console.error(`\n${found.length} places`);
  for (const word of WORDS) {
    const places = found.filter((one) => one.word === word).length;
    if (places > 0) {
      console.error(`${String(places).padStart(5)}  ${word.find}`);
    }
  }
  Deno.exit(1);
}
console.log(`words: ${files.length} files in the field's words`);
