import { directoryOf } from "../../../system/atomic_file.ts";
import type { Env } from "../../../system/environment.ts";
import { TdauthError } from "../../../base/errors.ts";
import type { Command } from "../../grammar/command.ts";
import { style, wantsJson, writeJson } from "../../terminal/output.ts";
import { MARK, SCRIPTS } from "./shell_scripts.ts";
import { type Shell, SHELLS } from "./shells.ts";
import { shellWord } from "../../../base/shell_word.ts";
import {
  makeDirectory,
  removeFile,
  replaceFile,
} from "../../../system/files.ts";
import { readTextIfThere } from "../../../system/read_file.ts";
import { errorText } from "../../../system/system_error.ts";

/** Prints the completions for a shell. */
export function printCompletions(command: Command, shell: Shell): void {
  const script = SCRIPTS[shell];
  if (wantsJson(command)) writeJson(command.io, { shell, script });
  else command.io.out(script);
}

/**
 * Says which shell it is.
 *
 * @param given The shell that was named; `SHELL` says it where none was.
 * @param env The environment.
 * @returns The shell.
 * @throws {TdauthError} `invalid_options` when there are no completions for it.
 */
export function shellOf(given: string | undefined, env: Env): Shell {
  const name = given ?? env("SHELL")?.replace(/^.*\//, "");
  const shell = SHELLS.find((one) => one === name);
  if (shell !== undefined) return shell;
  throw new TdauthError(
    "invalid_options",
    name === undefined
      ? "Cannot make completions: no shell is named, and SHELL is not set"
      : `Cannot make completions: there are none for "${name}"`,
    {
      hint: [
        { text: "name the shell:", command: ["completions", "bash"] },
        ", zsh or fish",
      ],
    },
  );
}

/**
 * Where a shell looks for a user's own completions.
 *
 * @param shell The shell.
 * @param env The environment.
 * @returns The file's path.
 * @throws {TdauthError} `invalid_options` when there is no home directory.
 */
export function completionsPath(shell: Shell, env: Env): string {
  const home = env("HOME");
  const under = (variable: string, fallback: string) => {
    const named = env(variable);
    if (named?.startsWith("/")) return named;
    if (home?.startsWith("/")) return `${home}/${fallback}`;
    throw new TdauthError(
      "invalid_options",
      "Cannot install completions: HOME is not set to an absolute path",
      {
        hint: [
          { text: "run", command: ["completions", shell] },
          ", and put what it prints there",
        ],
      },
    );
  };
  const data = () => under("XDG_DATA_HOME", ".local/share");
  switch (shell) {
    case "bash": {
      // bash-completion takes a list there; the first is looked at first.
      const named = env("BASH_COMPLETION_USER_DIR")?.split(":")[0];
      const directory = named?.startsWith("/")
        ? named
        : `${data()}/bash-completion`;
      return `${directory}/completions/tdauth`;
    }
    case "zsh":
      return `${data()}/zsh/site-functions/_tdauth`;
    case "fish":
      return `${
        under("XDG_CONFIG_HOME", ".config")
      }/fish/completions/tdauth.fish`;
  }
}

/**
 * Installs the completions for a shell, or removes them.
 *
 * @param command The command.
 * @param shell The shell.
 * @param what Which of the two.
 * @throws {TdauthError} `invalid_options` when it is both, or the file is not tdauth's.
 */
export function changeCompletions(
  command: Command,
  shell: Shell,
  { install, uninstall }: {
    readonly install: boolean;
    readonly uninstall: boolean;
  },
): void {
  if (install && uninstall) {
    throw new TdauthError(
      "invalid_options",
      "Cannot change the completions: --install and --uninstall are opposites",
      { hint: "give one of them" },
    );
  }
  const { io } = command;
  const path = completionsPath(shell, io.env);
  const { green } = style(command, "err");
  let changed = false;
  try {
    const old = readTextIfThere(path);
    if (old !== undefined && !old.includes(MARK)) {
      throw new TdauthError(
        "invalid_options",
        `Cannot change "${path}": tdauth did not make it`,
        { hint: "move it away, and run the command again" },
      );
    }
    if (install && old !== SCRIPTS[shell]) {
      makeDirectory(directoryOf(path));
      // A shell that starts meanwhile must not read half a file.
      replaceFile(path, SCRIPTS[shell], 0o644);
      changed = true;
    }
    if (!install && old !== undefined) {
      removeFile(path);
      changed = true;
    }
  } catch (cause) {
    if (cause instanceof TdauthError) throw cause;
    throw new TdauthError(
      "cache_unreadable",
      `Cannot change "${path}": ${errorText(cause)}`,
      {
        hint: [
          { text: "run", command: ["completions", shell] },
          ", and put what it prints where your shell reads it",
        ],
        cause,
      },
    );
  }
  if (wantsJson(command)) writeJson(io, { shell, path, changed });
  if (!install) {
    io.err(
      changed
        ? `${green("removed:")} ${path}\n`
        : `nothing to remove: there is no ${path}\n`,
    );
    return;
  }
  io.err(
    changed
      ? `${green("installed:")} ${path}\n`
      : `installed already: ${path}\n`,
  );
  io.err(nextStep(shell, path));
}

/** What is left to do: the shell's own files are the user's. */
function nextStep(shell: Shell, path: string): string {
  switch (shell) {
    case "bash":
      return "It works in new shells, by the package bash-completion. Without it, add to ~/.bashrc:\n" +
        `  source ${shellWord(path)}\n`;
    case "zsh":
      return "Unless your fpath has the directory already, add to ~/.zshrc before compinit is called:\n" +
        `  fpath=(${shellWord(directoryOf(path))} $fpath)\n` +
        "If ~/.zshrc does not call it, add after that:\n" +
        "  autoload -Uz compinit && compinit\n";
    case "fish":
      return "It works at once, in every fish.\n";
  }
}
