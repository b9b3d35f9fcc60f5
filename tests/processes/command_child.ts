/** The command as `cli.ts` runs it, which waits at the barrier once it is loaded. */
import { main } from "../../src/cli/main.ts";
import { quickToken } from "../../cli.ts";
import "../../src/cli/commands/token.ts";
import "../../src/cli/account/stored_token.ts"; // the command loads it when it is asked for
import { released } from "./barrier.ts";

await released();
const token = quickToken();
if (token === undefined) Deno.exit(await main());
Deno.stdout.writeSync(new TextEncoder().encode(`${token}\n`));
