// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when a source names a broker: every difference between brokers is data of
 * a preset, so that a new one is one file and one line.
 */
import { PRESETS } from "../src/providers/presets.ts";
import { sourceFiles } from "./source_files.ts";

/** Where brokers may be named: the presets, what is generated of them, the practice broker, and the files of programs for one broker. */
const MAY: readonly string[] = [
  "src/providers/",
  "src/cli/commands/complete/completion_data.ts",
  "src/sandbox/",
  "src/token_files/",
];

const root = new URL("../", import.meta.url);
const either = (names: readonly string[]) => `(?:${names.join("|")})`;
const named = new RegExp(
  `(["'\`])${either(PRESETS.map(({ key }) => key))}\\1|${
    either(PRESETS.map(({ name }) => name))
  }`,
);

const files = sourceFiles("src").filter((path) =>
  !MAY.some((folder) => path.startsWith(folder))
);
const problems = files.flatMap((path) => {
  const code = Deno.readTextFileSync(new URL(path, root))
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ""))
    .replace(/(^|\s)\/\/.*$/gm, "");
  return code.split("\n").flatMap((line, at) => {
    const [found] = named.exec(line) ?? [];
    return found === undefined
      ? []
      : [`${path}:${at + 1} names the broker ${found}: ask its preset instead`];
  });
});
if (problems.length > 0) {
  console.error(
    `${
      problems.join("\n")
    }\n\nwhat differs between brokers is a field of Preset or Provider (src/providers)`,
  );
  Deno.exit(1);
}
console.log(`broker names: none in ${files.length} files`);
