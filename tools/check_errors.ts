// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when docs/errors.md and the code differ: a code, an exit code or a
 * message that only one of them has, a message without a hint, one that is not in
 * the grammar `Cannot <what>: <why>`, a hint that cannot be parsed.
 *
 * `deno task errors --write` updates the generated parts of the page. It reads
 * the code with the TypeScript parser, a package of `tests/deno.json`.
 */
import { factsHere } from "./errors/facts.ts";
import { updated } from "./errors/page.ts";
import { problemsOf } from "./errors/problems.ts";

const page = new URL("../docs/errors.md", import.meta.url);
const facts = factsHere();
if (Deno.args.includes("--write")) {
  Deno.writeTextFileSync(page, updated(Deno.readTextFileSync(page), facts));
}
const problems = problemsOf(Deno.readTextFileSync(page), facts);
if (problems.length > 0) {
  console.error(
    problems.join("\n") +
      "\n\ndeno task errors --write brings docs/errors.md up to date",
  );
  Deno.exit(1);
}
console.log(
  `errors: ${facts.codes.length} codes and ${facts.messages.length} messages as in docs/errors.md`,
);
