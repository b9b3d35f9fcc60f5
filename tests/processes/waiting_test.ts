/** What a process says that waits for another one, and that none waits for a person who thinks. */
import assert from "node:assert/strict";
import { APPROVE, startMachine } from "../cli/machine.ts";
import type { Running } from "../cli/process.ts";
import { configured } from "../cli/sealed.ts";
import { needsScript } from "../cli/terminals.ts";
import { lockStateOf } from "../../src/system/lock_state.ts";
import { only } from "../support.ts";
import { start } from "./fleet.ts";
import { type SandboxPlace, sandboxPlace } from "./place.ts";

/** How long, in milliseconds, the broker holds an answer back: until the test lets go. */
const LONG = 60_000;

/** Starts a process whose refresh the broker has got and does not answer. */
async function holder(
  place: SandboxPlace,
  kind: "command" | "script",
): Promise<Running> {
  place.sandbox.failNext({ delayMs: LONG });
  const holder = start(place, kind);
  await place.untilAsked(1);
  assert.equal(stateOf(place.tokenPath), "held");
  return holder;
}

/** The refresh lock of a token file. */
function stateOf(tokenPath: string) {
  const at = tokenPath.lastIndexOf("/") + 1;
  const [directory, name] = [tokenPath.slice(0, at), tokenPath.slice(at)];
  try {
    return lockStateOf(`${directory}.${name}.refresh.lock`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "free"; // never taken
    throw error;
  }
}

for (
  const [kind, called] of [
    ["command", "tdauth token"],
    ["script", "script_child\\.ts"],
  ] as const
) {
  for (const waiting of ["command", "script"] as const) {
    Deno.test({
      ...only(
        "Unix",
        `a ${waiting} that waits for the refresh of a ${kind} says which one it is`,
      ),
      async fn() {
        await using place = await sandboxPlace();
        const first = await holder(place, kind);
        const second = start(place, waiting, { env: { SCRIPT_LOGS: "1" } });
        await second.sees(
          new RegExp(
            `another process \\(${called}, process ${first.pid}\\) is using the stored tokens; waiting for it`,
          ),
        );
        assert.deepEqual([first.ended, second.ended], [false, false]);
        first.kill("SIGKILL"); // its record stays, and blocks no one
        await first.result;
        const { code, stderr } = await second.result;
        assert.equal(code, 0, stderr);
        const said = stderr.match(/waiting for it/g)?.length;
        assert.equal(said, 1, "it says so once");
      },
    });
  }
}

const PASSPHRASE = "CANARY of five words";
const SEALED = { TD_CACHE_PASSPHRASE: PASSPHRASE };

/** Commands that ask for a passphrase, and the question. */
const QUESTIONS: readonly (readonly [
  readonly string[],
  RegExp,
  sealed: boolean,
])[] = [
  [["refresh"], /Passphrase for the tokens/, true],
  [["import", "token.json"], /Passphrase for the tokens/, true],
  [["unseal"], /Passphrase for the tokens/, true],
  [["logout"], /Passphrase for the tokens/, true],
  [["login", "--browser", APPROVE], /Passphrase for the tokens/, true],
  [["configure", "--seal", "passphrase"], /New passphrase/, false],
];

for (const [args, question, sealed] of QUESTIONS) {
  Deno.test(
    needsScript(
      `tdauth ${
        args[0]
      } keeps no other process waiting while it asks for a passphrase`,
    ),
    async () => {
      await using machine = await startMachine();
      machine.secrets.add(PASSPHRASE);
      await configured(machine);
      Deno.copyFileSync(machine.tokenPath, `${machine.cwd}/token.json`);
      if (sealed) {
        const { code, stderr } = await machine.run(
          ["configure", "--seal", "passphrase"],
          { env: SEALED },
        );
        assert.equal(code, 0, stderr);
      }
      const asking = machine.start(args, {
        terminal: true,
        env: { TERM: "xterm" },
      });
      await using _ = {
        async [Symbol.asyncDispose]() {
          await asking.write("\x03");
          await asking.result;
        },
      };
      await asking.sees(question, "stdout");
      assert.equal(stateOf(machine.tokenPath), "free");
      const other = await machine.run(["refresh"], { env: SEALED });
      assert.equal(other.code, 0, other.stderr);
      assert.doesNotMatch(other.stderr, /waiting/);
      assert.equal(asking.ended, false, "it still asks");
      await asking.write("\x03");
      const { code, stdout } = await asking.result;
      assert.equal(code, 4, stdout);
    },
  );
}

Deno.test({
  ...only(
    "Linux",
    "authorize() fails at once where a login is needed and there is neither a terminal nor a screen, unless it is told to log in",
  ),
  async fn() {
    await using place = await sandboxPlace();
    Deno.removeSync(place.tokenPath);
    const on = (interactive: string, env = {}) =>
      start(place, "script", {
        env: { SCRIPT_LOGS: "1", SCRIPT_INTERACTIVE: interactive, ...env },
      });
    const { code, stderr } = await on("").result; // else it would wait for five minutes
    assert.equal(code, 3, stderr);
    assert.match(
      stderr,
      /login_needed: Cannot get an access token: there are no stored tokens, and no user would see a login here: there is no terminal, and this session has no display$/m,
    );
    assert.doesNotMatch(stderr, /log in at/);
    for (
      const [interactive, env] of [["true", {}], ["", { BROWSER: "true" }]]
    ) {
      const login = on(String(interactive), Object(env));
      await login.sees(/log in at http/);
      login.kill("SIGINT");
      await login.result;
    }
  },
});
