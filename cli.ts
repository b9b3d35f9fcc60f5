/**
 * The `tdauth` command.
 *
 * @module
 */
import { quickToken } from "./src/cli/quick_token.ts";

/** Not written as a literal below: the runtime would load the whole program's graph before the first line runs. */
const PROGRAM = "./src/cli/main.ts";

if (import.meta.main) {
  const token = quickToken(Deno.args);
  if (token === undefined) {
    const { main } = await import(new URL(PROGRAM, import.meta.url).href);
    Deno.exit(await main());
  }
  Deno.stdout.writeSync(new TextEncoder().encode(`${token}\n`));
}
