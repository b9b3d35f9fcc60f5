/**
 * A program of a user of the module, with its settings from the environment:
 * `script_child.ts [TIMES]` calls `authorize()` so many times at once and prints
 * each different token in a line. Ctrl-C aborts its signal. While it waits it
 * writes a dot to stderr every 20 ms, from its own event loop.
 */
import { authorize, TdauthError } from "../../mod.ts";
import { released } from "./barrier.ts";

const times = Number(Deno.args[0] ?? "1");
const end = new AbortController();
Deno.addSignalListener("SIGINT", () => end.abort(new Error("interrupted")));
const write = (output: typeof Deno.stdout, text: string) =>
  output.writeSync(new TextEncoder().encode(text));

/** Whether it may log in: it may not, unless this says `true` or, as most scripts do, nothing. */
const interactive = Deno.env.get("SCRIPT_INTERACTIVE") ?? "false";
/** Whether it logs, as a script does by default. */
const logs = Deno.env.has("SCRIPT_LOGS");

await released();
const ticks = setInterval(() => write(Deno.stderr, "."), 20);
try {
  const tokens = await Promise.all(
    Array.from({ length: times }, async () => {
      const { accessToken } = await authorize({
        ...(interactive !== "" && { interactive: interactive === "true" }),
        signal: end.signal,
        ...(logs ? {} : { log: () => {} }),
      });
      return String(accessToken);
    }),
  );
  for (const token of new Set(tokens)) write(Deno.stdout, `${token}\n`);
} catch (error) {
  const said = error instanceof TdauthError
    ? `${error.code}: ${error.message}`
    : String(error);
  write(Deno.stderr, `\n${said}\n`);
  Deno.exit(error instanceof TdauthError ? 3 : 130);
} finally {
  clearInterval(ticks);
}
Deno.exit(0);
