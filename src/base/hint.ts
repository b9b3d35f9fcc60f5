import { shellWord } from "./shell_word.ts";
import { modulesCommand } from "./called.ts";
import { shown } from "./shown.ts";

/** One step of a {@linkcode Hint}: what to do, and the command of tdauth that does it. */
export interface HintStep {
  /** What to do, as text that ends where the command follows: `"log in:"`, `", or run"`. */
  readonly text: string;
  /** The words of the command after `tdauth`, without `--profile`: `["login"]`. */
  readonly command?: readonly string[];
}

/** A hint's input: text, text with a command, or several of these in order. */
export type HintInput = string | HintStep | readonly (string | HintStep)[];

/** Commands in hints that are not about an account: they have no `--profile`. */
export const WITHOUT_PROFILE: readonly string[] = [
  "sandbox",
  "completions",
  "man",
  "help",
];

/**
 * What to do about an error, for people. A command is kept as data, because only
 * the code that prints it knows how tdauth is called here.
 *
 * @example
 * ```ts
 * import { Hint } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * const hint = new Hint([{ text: "run", command: ["login"] }, ", or wait"]);
 * assert.equal(hint.format(["tdauth"]), "run tdauth login, or wait");
 * ```
 */
export class Hint {
  /** The steps, in order. */
  readonly steps: readonly HintStep[];

  /**
   * Creates a hint.
   *
   * @param given Text, text with a command, or several of these.
   */
  constructor(given: HintInput) {
    const steps = Array.isArray(given) ? given : [given];
    this.steps = steps.map((step) =>
      typeof step === "string" ? { text: step } : step
    );
  }

  /**
   * Adds `--profile` to the commands that accept it.
   *
   * @param profile The profile that the commands are for.
   * @returns The same hint for the default profile, which needs no flag.
   */
  forProfile(profile: string): Hint {
    if (profile === "default") return this;
    return new Hint(
      this.steps.map((step) =>
        step.command === undefined
          ? step
          : { ...step, command: withProfile(step.command, profile) }
      ),
    );
  }

  /**
   * Formats the hint as one line.
   *
   * @param called The words that tdauth is called by, such as `["tdauth"]`.
   * @returns The line, without a final full stop.
   */
  format(called: readonly string[]): string {
    return shown(
      this.steps.map(({ text, command }) =>
        command === undefined ? text : `${text} ${commandLine(called, command)}`
      ).join(""),
    );
  }

  /** The hint as one line, with commands that work wherever this module is imported. */
  toString(): string {
    return this.format(modulesCommand());
  }
}

/**
 * Adds `--profile` to a command that accepts it and does not have it yet.
 *
 * @param command The command's words, without the program.
 * @param profile The profile.
 * @returns The words.
 */
export function withProfile(
  command: readonly string[],
  profile: string,
): readonly string[] {
  const [name = ""] = command;
  const said = command.some((word) => /^--(profile|help|all)$/.test(word));
  if (profile === "default" || said || WITHOUT_PROFILE.includes(name)) {
    return command;
  }
  // Before other flags: what follows `--` is another program's.
  const flag = command.findIndex((word) => word.startsWith("-"));
  const at = flag < 0 ? command.length : flag;
  return [...command.slice(0, at), "--profile", profile, ...command.slice(at)];
}

/**
 * Formats a command of tdauth as a line that can be pasted into a shell.
 *
 * @param called The words that tdauth is called by.
 * @param command The command's own words.
 * @returns The line.
 */
export function commandLine(
  called: readonly string[],
  command: readonly string[],
): string {
  return [...called, ...command].map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : shellWord(word)
  ).join(" ");
}
