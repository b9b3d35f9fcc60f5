/** A `--browser` whose user logs in at the practice broker and does not let the app in. */
import { approve } from "../../src/sandbox/mod.ts";

await approve(Deno.args[0] ?? "", { decision: "deny" });
