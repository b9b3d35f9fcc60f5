/** Programs that ask for tokens while their keeper is killed. */
import { fileURLToPath } from "node:url";
import { denoProcess } from "./deno.ts";

const CLI = fileURLToPath(new URL("../cli.ts", import.meta.url));
const CHILD = fileURLToPath(new URL("torture_child.ts", import.meta.url));

/** A program that asks. */
export interface Asker extends AsyncDisposable {
  /** What it is. */
  readonly name: string;
  /** How often it got a token that works. */
  readonly got: () => number;
  /**
   * Returns what it was told since the last call that it should not have been.
   *
   * @param lost Whether a login has ended, so that tokens were refused.
   */
  readonly troubles: (lost: boolean) => readonly string[];
}

/** On a slow machine a token that lives some seconds is over when it arrives. */
export const TOO_SLOW = /has already expired|its access token has expired/;
/** What may happen while a keeper is killed. */
const EXPECTED = /^broker_unavailable: .*: (?:nothing listens there|no answer)/;
/** What may also happen when an answer was lost: only a login brings other tokens. */
const AFTER_LOSS = /^(?:refused with|login_needed:)/;

/**
 * Starts a script that follows a keeper.
 *
 * @param configDir Its configuration directory.
 * @param socket The keeper's socket.
 * @param broker The broker's URL.
 */
export function startFollower(
  configDir: string,
  socket: string,
  broker: string,
): Asker {
  const child = denoProcess(["run", "-A", CHILD, "follow", broker], {
    env: {
      TD_CONFIG_DIR: configDir,
      TD_KEEPER: socket,
      TD_PROVIDER: "schwab",
      TD_SANDBOX: broker,
    },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let got = 0;
  let troubles: string[] = [];
  const read = (async () => {
    let rest = "";
    const lines = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const chunk of lines) {
      const all = `${rest}${chunk}`.split("\n");
      rest = all.pop() ?? "";
      for (const line of all) {
        if (line === "got") got++;
        else if (!EXPECTED.test(line) && !TOO_SLOW.test(line)) {
          troubles.push(line);
        }
      }
    }
  })();
  return {
    name: "a follower",
    got: () => got,
    troubles(lost) {
      const told = troubles;
      troubles = [];
      return told.filter((line) => !(lost && AFTER_LOSS.test(line)));
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await read;
    },
  };
}

/**
 * Runs `tdauth token` again and again beside a keeper, with its files.
 *
 * @param configDir The keeper's configuration directory.
 */
export function startTokens(configDir: string): Asker {
  let got = 0;
  let troubles: string[] = [];
  let ends = false;
  const run = (async () => {
    while (!ends) {
      const { code, stdout, stderr } = await denoProcess(
        ["run", "-A", CLI, "token"],
        { env: { TD_CONFIG_DIR: configDir, NO_COLOR: "1" } },
      ).output();
      if (code === 0 && stdout.length > 0) got++;
      else {
        const why = `${code}: ${new TextDecoder().decode(stderr)}`;
        if (!TOO_SLOW.test(why)) troubles.push(why);
      }
    }
  })();
  return {
    name: "tdauth token",
    got: () => got,
    troubles(lost) {
      const told = troubles;
      troubles = [];
      return told.filter((line) => !(lost && line.startsWith("3: ")));
    },
    async [Symbol.asyncDispose]() {
      ends = true;
      await run;
    },
  };
}
