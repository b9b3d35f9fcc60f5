/** Real shells with `tdauth` on their path, which press Tab as a person does. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Shell } from "../../src/cli/commands/completions/shells.ts";
import { type Machine, startMachine } from "./machine.ts";
import { type Result, Running } from "./process.ts";
import { refuseSecrets } from "./secrets.ts";
import { denoEnvironment, denoLine } from "../../tools/deno.ts";

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));

/** Whether a program is installed. */
export function has(program: string): boolean {
  try {
    const { success } = new Deno.Command(program, { args: ["--version"] })
      .outputSync();
    return success;
  } catch {
    return false;
  }
}

/** A test that needs a program, and is ignored with that reason where it is absent. */
export function shellTest(
  needed: readonly string[],
  name: string,
  test: (machine: Machine, shell: Shells) => Promise<void>,
): void {
  const absent = needed.filter((program) => !has(program));
  Deno.test(
    absent.length === 0
      ? name
      : `${name} (ignored: there is no ${absent.join(" and no ")})`,
    { ignore: absent.length > 0 },
    async () => {
      await using machine = await startMachine();
      await test(machine, shellsOf(machine));
    },
  );
}

/** The shells of a machine. */
export interface Shells {
  /** Runs a script to its end. */
  run(shell: Shell, script: string): Promise<Result>;
  /** Starts a shell in a terminal of its own, and waits for its prompt. */
  open(shell: Shell): Promise<Running>;
}

/**
 * Puts a `tdauth` on the path that answers at Tab as the real one and otherwise
 * shows what it was called with, so that a line can be ended and seen.
 */
function shellsOf(machine: Machine): Shells {
  const bin = `${machine.home}/bin`;
  Deno.mkdirSync(bin);
  Deno.writeTextFileSync(
    `${bin}/tdauth`,
    `#!/bin/sh
if [ "$1" = complete ] || { [ "$1" = completions ] && ! [ -t 1 ]; }; then
  exec ${denoLine("run", "-A", CLI)} "$@"
fi
printf 'RAN'
printf '[%s]' "$@"
echo
`,
    { mode: 0o755 },
  );
  const env = {
    PATH: `${bin}:${Deno.env.get("PATH")}`,
    HOME: machine.home,
    ZDOTDIR: machine.home,
    ...denoEnvironment(),
    DENO_NO_PROMPT: "1",
    TERM: "xterm",
    LC_ALL: "C.UTF-8",
    ...machine.appEnv,
  };
  const start = (program: string, args: readonly string[]) =>
    new Running(program, {
      args,
      env,
      cwd: machine.cwd,
      inspect: (result) => refuseSecrets(result, machine.secrets, args),
    });
  return {
    run: (shell, script) => {
      const quiet = { bash: ["--norc"], zsh: ["-f"], fish: ["--no-config"] };
      return start(shell, [...quiet[shell], "-c", script]).result;
    },
    open: async (shell) => {
      const ready: Record<Shell, [string, string, string]> = {
        bash: [".bashrc", "PS1='READY''> '", "bash -i"],
        zsh: [".zshrc", "PS1='READY''> '", "zsh -i"],
        fish: [
          ".config/fish/config.fish",
          "set -g fish_greeting; set -g fish_autosuggestion_enabled 0; function fish_prompt; printf 'READY%s ' '>'; end",
          "fish -i",
        ],
      };
      const [file, prompt, command] = ready[shell];
      const path = `${machine.home}/${file}`;
      Deno.mkdirSync(path.replace(/\/[^/]*$/, ""), { recursive: true });
      Deno.writeTextFileSync(path, `${prompt}\n`, { append: true });
      // Or fish reads the system's manual pages the first time.
      Deno.mkdirSync(
        `${machine.home}/.local/share/fish/generated_completions`,
        { recursive: true },
      );
      const running = start("script", ["-qefc", command, "/dev/null"]);
      await running.sees(/READY> /, "stdout");
      return running;
    },
  };
}

/** Types a line with its Tabs, ends it, and sees what `tdauth` was called with. */
export async function types(
  running: Running,
  keys: string,
  args: readonly string[],
): Promise<void> {
  const from = running.stdout.length;
  await running.write(`${keys}\r`);
  const ran = new RegExp(`^[^]{${from}}[^]*?RAN(\\[.*?\\])\\r?\\n`);
  const [, called = ""] = await running.sees(ran, "stdout");
  const expected = args.map((arg) => `[${arg}]`).join("");
  // Shells differ in whether a directory keeps its slash when the line ends.
  assert.equal(called.replaceAll("/]", "]"), expected, `after ${keys}`);
}
