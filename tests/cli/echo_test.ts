/** What the terminal itself shows of what is typed while nothing is asked. */
import assert from "node:assert/strict";
import { deno, denoEnvironment } from "../../tools/deno.ts";
import { temporaryDirectory } from "../support.ts";
import { Running } from "./process.ts";
import { inTerminal, needsScript } from "./terminals.ts";

Deno.test(
  needsScript(
    "after a hidden answer the terminal shows nothing until something visible is asked",
  ),
  async () => {
    await using directory = await temporaryDirectory();
    const from = (path: string) =>
      JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
    Deno.writeTextFileSync(
      `${directory.path}/asks.ts`,
      `
    import { realEnv } from ${from("system/environment.ts")};
    import { ask } from ${from("cli/terminal/ask.ts")};
    import { realIo } from ${from("cli/terminal/io.ts")};
    import { styleOf } from ${from("cli/terminal/style.ts")};
    const { signal } = new AbortController();
    const io = realIo([], realEnv, signal, {} as never);
    const style = styleOf(io, "err", true);
    await ask(io, style, { text: "Secret?", hidden: true });
    console.log("working");
    await Deno.stdin.read(new Uint8Array(100)); // it has arrived, and been shown or not
    await ask(io, style, { text: "Name?" });
    console.log("done");
    io.endPasting();
    `,
    );
    const running = new Running("script", {
      args: inTerminal(deno("run", "--allow-all", `${directory.path}/asks.ts`)),
      cwd: directory.path,
      env: { ...Deno.env.toObject(), ...denoEnvironment() },
    });
    await running.sees(/Secret\? /, "stdout");
    await running.write("FIRST\r");
    await running.sees(/working/, "stdout");
    await running.write("SECOND\r");
    await running.sees(/Name\? /, "stdout");
    await running.write("THIRD\r");
    await running.sees(/done/, "stdout");
    const { stdout } = await running.result;
    // The premise: this terminal does show what is typed.
    assert.match(stdout, /Name\? THIRD/);
    assert.doesNotMatch(stdout, /FIRST|SECOND/);
  },
);
