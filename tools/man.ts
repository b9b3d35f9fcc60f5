// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when docs/man/tdauth.1 differs from the definitions of the commands; `--write` updates it.
 */
import { COMMANDS } from "../src/cli/commands/table.ts";
import { loadCommands } from "../src/cli/grammar/named_command.ts";
import { manPage } from "../src/cli/commands/man/man_page.ts";

const path = new URL("../docs/man/tdauth.1", import.meta.url);
const page = manPage(await loadCommands(COMMANDS));
if (Deno.args.includes("--write")) {
  Deno.mkdirSync(new URL("./", path), { recursive: true });
  Deno.writeTextFileSync(path, page);
}
let kept = "";
try {
  kept = Deno.readTextFileSync(path);
} catch (error) {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
if (kept !== page) {
  console.error(
    "docs/man/tdauth.1 differs from the commands' definitions\n\ndeno run -A tools/man.ts --write brings it up to date",
  );
  Deno.exit(1);
}
console.log("manual: docs/man/tdauth.1 as the commands are defined");
