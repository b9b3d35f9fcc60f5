/** A `--browser` that writes down what it is given, and then lets the app in. */
import { approve } from "../../src/sandbox/mod.ts";

const [file = "", url = ""] = Deno.args;
Deno.writeTextFileSync(
  file,
  JSON.stringify({ args: Deno.args, env: Deno.env.toObject() }),
);
// deno-lint-ignore no-console -- what a browser prints must not come through
console.log("CANARY of the browser's stdout");
// deno-lint-ignore no-console -- as above
console.error("CANARY of the browser's stderr");
await approve(url);
