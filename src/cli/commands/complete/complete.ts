import type { Env } from "../../../system/environment.ts";
import type {
  CompletedArgument,
  CompletedCommand,
  CompletedFlag,
  CompletionData,
  Offers,
} from "./completion_data.ts";

/** A completion of the word at the cursor. */
export interface Candidate {
  /** The whole word. */
  readonly value: string;
  /** What it does, in a line. */
  readonly description: string;
}

/** The completions at the cursor. */
export interface Completion {
  /** The words. The shell leaves out those that do not match what is typed. */
  readonly candidates: readonly Candidate[];
  /** What the shell offers beside them: its files, its directories, or what the command that begins at the word `at` takes. @default {nothing} */
  readonly more?: "files" | "directories" | { readonly at: number };
}

/**
 * Returns the completions at the cursor.
 *
 * @param data What is to be known of the commands.
 * @param words The words from `tdauth` to the cursor, without it; the last is the one at the cursor, as typed so far.
 * @param env The environment, for the names of profiles.
 * @returns The completions.
 */
export async function complete(
  data: CompletionData,
  words: readonly string[],
  env: Env,
): Promise<Completion> {
  let command: CompletedCommand | undefined;
  let inside: readonly CompletedCommand[] | undefined = data.commands;
  let flags = [...data.flags, data.help];
  let positionals = 0;
  let awaiting: CompletedFlag | undefined;
  let flagsEnded = false;
  const used = new Set<string | undefined>();
  let configDir: string | undefined;

  for (const [index, word] of words.slice(0, -1).entries()) {
    if (awaiting !== undefined) {
      if (awaiting.long === data.configDir) configDir = word;
      awaiting = undefined;
    } else if (!flagsEnded && word === "--") {
      flagsEnded = true;
    } else if (!flagsEnded && word.startsWith("-")) {
      const [typed, value] = splitFlag(word);
      const flag = flagNamed(flags, typed);
      used.add(flag?.long);
      if (flag?.long === data.configDir) configDir = value;
      if (flag?.value && value === undefined) awaiting = flag;
    } else if (inside !== undefined) {
      if (command === undefined && word === "help") {
        return { candidates: namesOf(inside) };
      }
      command = inside.find(({ name }) => name === word);
      if (command === undefined) return { candidates: [] };
      inside = command.commands;
      flags = [...command.flags, data.help, ...data.flags];
    } else {
      if (argumentOf(command, positionals)?.command) {
        return { candidates: [], more: { at: index + 1 } };
      }
      positionals++;
    }
  }

  const current = words.at(-1) ?? "";
  if (awaiting !== undefined) {
    return await offered(awaiting.offers, env, configDir);
  }
  if (!flagsEnded && current.startsWith("-")) {
    const [typed = "", value] = splitFlag(current);
    if (value === undefined) return { candidates: unused(flags, used) };
    const flag = flagNamed(flags, typed);
    if (!flag?.value) return { candidates: [] };
    const { candidates, ...rest } = await offered(flag.offers, env, configDir);
    return {
      candidates: candidates.map((one) => ({
        ...one,
        value: `${typed}=${one.value}`,
      })),
      ...rest,
    };
  }
  if (inside !== undefined) {
    const candidates = namesOf(inside);
    return { candidates: command ? candidates : [...candidates, HELP] };
  }
  const argument = argumentOf(command, positionals);
  if (argument === undefined) {
    return { candidates: flagsEnded ? [] : unused(flags, used) };
  }
  if (argument.command) return { candidates: [], more: { at: words.length } };
  return await offered(argument.offers, env, configDir);
}

const HELP: Candidate = {
  value: "help",
  description: "Show help for a command",
};

/** `--name=value` in two; `--name` alone has no second part. */
function splitFlag(word: string): string[] {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

function flagNamed(
  flags: readonly CompletedFlag[],
  typed: string | undefined,
): CompletedFlag | undefined {
  return flags.find(({ long, short }) => long === typed || short === typed);
}

function unused(
  flags: readonly CompletedFlag[],
  used: ReadonlySet<string | undefined>,
): Candidate[] {
  return flags
    .filter(({ long, repeated }) => repeated || !used.has(long))
    .map(({ long, help }) => ({ value: long, description: help }));
}

function namesOf(commands: readonly CompletedCommand[]): Candidate[] {
  return commands.map(({ name, line }) => ({ value: name, description: line }));
}

/** The argument at a place; the last one may take all that follow. */
function argumentOf(
  command: CompletedCommand | undefined,
  place: number,
): CompletedArgument | undefined {
  const all = command?.args ?? [];
  const last = all.at(-1);
  return all[place] ?? (last?.rest ? last : undefined);
}

/** What a value can be. */
async function offered(
  offers: Offers | undefined,
  env: Env,
  configDir: string | undefined,
): Promise<Completion> {
  if (offers === undefined) return { candidates: [] };
  if (offers === "files" || offers === "directories") {
    return { candidates: [], more: offers };
  }
  const choices = offers === "profiles"
    ? await profiles(env, configDir)
    : offers;
  return {
    candidates: Object.entries(choices).map(([value, description]) => ({
      value,
      description,
    })),
  };
}

/** The settings are many files, which no other completion needs. */
async function profiles(
  env: Env,
  configDir: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  const { profileChoices } = await import("./profile_choices.ts");
  return await profileChoices(env, configDir);
}
