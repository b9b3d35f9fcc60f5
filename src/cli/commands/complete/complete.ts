import type { Env } from "../../../system/environment.ts";
import { settingRow } from "../../../settings/setting_table.ts";
import type { Command, Commands } from "../../grammar/command.ts";
import type { Arg } from "../../grammar/flag.ts";
import {
  type FlagLine,
  flagLines,
  globalFlagLines,
  helpLine,
} from "../../grammar/flag_lines.ts";
import {
  isBelow,
  loadCommands,
  loadOutline,
  type NamedCommand,
} from "../../grammar/named_command.ts";

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
 * Returns the completions at the cursor, from the definitions of the commands.
 *
 * @param commands The table; what does not matter at the cursor is not loaded.
 * @param words The words from `tdauth` to the cursor, without it; the last is the one at the cursor, as typed so far.
 * @param env The environment, for the names of profiles.
 * @returns The completions.
 */
export async function complete(
  commands: Commands,
  words: readonly string[],
  env: Env,
): Promise<Completion> {
  let name = "";
  let definition: NamedCommand | undefined;
  let flags = [...globalFlagLines(), helpLine()];
  let positionals = 0;
  let awaiting: FlagLine | undefined;
  let flagsEnded = false;
  const used = new Set<string | undefined>();
  let configDir: string | undefined;

  for (const [index, word] of words.slice(0, -1).entries()) {
    if (awaiting !== undefined) {
      if (awaiting.long === CONFIG_DIR) configDir = word;
      awaiting = undefined;
    } else if (!flagsEnded && word === "--") {
      flagsEnded = true;
    } else if (!flagsEnded && word.startsWith("-")) {
      const [typed, value] = splitFlag(word);
      const flag = flagNamed(flags, typed);
      used.add(flag?.long);
      if (flag?.long === CONFIG_DIR) configDir = value;
      if (flag?.value !== undefined && value === undefined) awaiting = flag;
    } else if (positionals === 0 && isGroup(commands, name)) {
      if (name === "" && word === "help") return await inside(commands, name);
      const next = name === "" ? word : `${name} ${word}`;
      definition = (await loadCommands(commands, next))
        .find((one) => one.name === next && one.hidden !== true);
      if (definition === undefined) return { candidates: [] };
      name = next;
      flags = [...flagLines(definition), helpLine(), ...globalFlagLines()];
    } else {
      if (argumentOf(definition, positionals)?.kind === "command") {
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
    if (flag?.value === undefined) return { candidates: [] };
    const { candidates, ...rest } = await offered(flag.offers, env, configDir);
    return {
      candidates: candidates.map((one) => ({
        ...one,
        value: `${typed}=${one.value}`,
      })),
      ...rest,
    };
  }
  if (isGroup(commands, name)) return await inside(commands, name, true);
  const argument = argumentOf(definition, positionals);
  if (argument === undefined) {
    return { candidates: flagsEnded ? [] : unused(flags, used) };
  }
  if (argument.kind === "command") {
    return { candidates: [], more: { at: words.length } };
  }
  return await offered(
    argument.suggest ?? (argument.kind === "file" ? "files" : undefined),
    env,
    configDir,
  );
}

const CONFIG_DIR = settingRow("configDir").flag;

/** `--name=value` in two; `--name` alone has no second part. */
function splitFlag(word: string): string[] {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

function flagNamed(
  flags: readonly FlagLine[],
  typed: string | undefined,
): FlagLine | undefined {
  return flags.find(({ long, short }) => long === typed || short === typed);
}

function unused(
  flags: readonly FlagLine[],
  used: ReadonlySet<string | undefined>,
): Candidate[] {
  return flags
    .filter(({ long, repeated }) => repeated || !used.has(long))
    .map(({ long, help }) => ({ value: long, description: help }));
}

/** Whether a command has commands of its own; the program, whose name is empty, has. */
function isGroup(commands: Commands, name: string): boolean {
  return name === "" ||
    Object.keys(commands).some((other) => isBelow(other, name));
}

/** The commands that belong to a command. */
async function inside(
  commands: Commands,
  parent: string,
  withHelp = false,
): Promise<Completion> {
  const loaded = parent === ""
    ? await loadOutline(commands)
    : (await loadCommands(commands, parent))
      .filter(({ name }) => isBelow(name, parent));
  const candidates = loaded.filter(({ hidden }) => !hidden).map((
    { name, summary, description },
  ) => ({
    value: name.replace(/^.* /, ""),
    description: (summary ?? description).replace(/\.$/, ""),
  }));
  return {
    candidates: withHelp && parent === ""
      ? [...candidates, { value: "help", description: HELP }]
      : candidates,
  };
}

const HELP = "Show help for a command";

/** The argument at a place; the last one may take all that follow. */
function argumentOf(
  definition: NamedCommand | undefined,
  place: number,
): Arg | undefined {
  const all = Object.values(definition?.args ?? {});
  const last = all.at(-1);
  return all[place] ?? (last?.rest ? last : undefined);
}

/** What a value can be. */
async function offered(
  offers: FlagLine["offers"],
  env: Env,
  configDir: string | undefined,
): Promise<Completion> {
  if (offers === undefined) return { candidates: [] };
  if (offers === "profiles") {
    return { candidates: await profiles(env, configDir) };
  }
  if (typeof offers === "string") return { candidates: [], more: offers };
  const all = typeof offers === "function" ? await offers() : offers;
  return {
    candidates: Object.entries(all).map(([value, description]) => ({
      value,
      description,
    })),
  };
}

/** The profiles in `config.json` that commands accept, with their providers. */
async function profiles(
  env: Env,
  configDir: string | undefined,
): Promise<Candidate[]> {
  const { resolveSettings } = await import("../../../settings/settings.ts");
  const { isProfileName } = await import("../../../settings/profile_name.ts");
  const { readConfig } = await import("../../../settings/config_file.ts");
  const given = configDir === undefined ? {} : { configDir };
  const settings = await resolveSettings({ given, env });
  return Object.entries(readConfig(settings.configDir).profiles)
    .filter(([name]) => isProfileName(name))
    .map(([value, { provider }]) => ({
      value,
      description: inOneLine(provider ?? ""),
    }));
}

/** The file may hold anything, and this goes to a terminal. */
function inOneLine(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, " ").slice(0, 60);
}

/**
 * Answers the shell at a Tab: a line for each word, a tab and its description,
 * and a last line that says what else the shell may offer. It reads at most
 * `config.json`, sends nothing, and fails silently: the user is in the middle of
 * a line.
 */
export async function answerShell(
  { io, commands }: Command,
  words: readonly string[],
): Promise<void> {
  try {
    const { candidates, more = "nothing" } = await complete(
      commands,
      words,
      io.env,
    );
    io.out(
      [
        ...candidates.map(({ value, description }) =>
          `${value}\t${description}`
        ),
        typeof more === "string" ? `:${more}` : `:command ${more.at}`,
      ].join("\n") + "\n",
    );
  } catch {
    io.out(":nothing\n");
  }
}
