import type { Command as Parser, Option } from "commander";
import type { Env } from "../../../system/environment.ts";
import type { Command } from "../../account/prepare_command.ts";
import { buildParser } from "../../grammar/parser.ts";
import { SHELLS } from "../completions/shell_scripts.ts";

/** A word that may stand at the cursor. */
export interface Candidate {
  /** The whole word. */
  readonly value: string;
  /** What it does, in a line. */
  readonly description: string;
}

/** What may stand at the cursor. */
export interface Completion {
  /** The words. The shell leaves out those that do not fit what is typed. */
  readonly candidates: readonly Candidate[];
  /** What the shell offers beside them: its files, its directories, or what the command that begins at the word `at` takes. @default {nothing} */
  readonly more?: "files" | "directories" | { readonly at: number };
}

/**
 * Says what may stand at the cursor, from the definitions of the commands.
 *
 * @param parser The command line.
 * @param words The words from `tdauth` to the cursor, without it; the last is the one at the cursor, as far as it is typed.
 * @param env The environment, for the names of profiles.
 * @returns What may stand there.
 */
export async function complete(
  parser: Parser,
  words: readonly string[],
  env: Env,
): Promise<Completion> {
  let command = parser;
  let positionals = 0;
  let awaiting: Option | undefined;
  let flagsEnded = false;
  const used = new Set<string | undefined>();
  let configDir: string | undefined;

  for (const [index, word] of words.slice(0, -1).entries()) {
    if (awaiting !== undefined) {
      if (awaiting.long === "--config-dir") configDir = word;
      awaiting = undefined;
    } else if (!flagsEnded && word === "--") {
      flagsEnded = true;
    } else if (!flagsEnded && word.startsWith("-")) {
      const [name = "", value] = splitFlag(word);
      const option = optionsOf(command).find((one) =>
        one.long === name || one.short === name
      );
      used.add(option?.long);
      if (option?.long === "--config-dir") configDir = value;
      if (option?.required && value === undefined) awaiting = option;
    } else if (positionals === 0 && command.commands.length > 0) {
      const next = commandsOf(command).find((one) => one.name() === word);
      if (next === undefined) return { candidates: [] };
      if (next.name() === "help") {
        return { candidates: asCandidates(parser.commands) };
      }
      command = next;
    } else {
      if (argumentOf(command, positionals)?.name() === "command") {
        return { candidates: [], more: { at: index + 1 } };
      }
      positionals++;
    }
  }

  const current = words.at(-1) ?? "";
  if (awaiting !== undefined) {
    return await valuesOf(awaiting, env, configDir);
  }
  if (!flagsEnded && current.startsWith("-")) {
    const [name = "", value] = splitFlag(current);
    if (value === undefined) return { candidates: flagsOf(command, used) };
    const option = optionsOf(command).find((one) =>
      one.long === name || one.short === name
    );
    if (!option?.required) return { candidates: [] };
    const { candidates, ...rest } = await valuesOf(option, env, configDir);
    return {
      candidates: candidates.map((one) => ({
        ...one,
        value: `${name}=${one.value}`,
      })),
      ...rest,
    };
  }
  if (command.commands.length > 0) {
    return { candidates: asCandidates(commandsOf(command)) };
  }
  const argument = argumentOf(command, positionals);
  if (argument === undefined) {
    return { candidates: flagsEnded ? [] : flagsOf(command, used) };
  }
  if (argument.name() === "command") {
    return { candidates: [], more: { at: words.length } };
  }
  return await placeholderValues(argument.name(), argument.argChoices);
}

/** `--name=value` in two; `--name` alone has no second part. */
function splitFlag(word: string): string[] {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

function commandsOf(command: Parser): Parser[] {
  return command.createHelp().visibleCommands(command);
}

function asCandidates(commands: readonly Parser[]): Candidate[] {
  return commands
    .filter((one) => one.description() !== "")
    .map((one) => ({
      value: one.name(),
      description: (one.summary() || one.description()).replace(/\.$/, ""),
    }));
}

/** A command's own flags, and the program's. */
function optionsOf(command: Parser): Option[] {
  const help = command.createHelp();
  return [
    ...help.visibleOptions(command),
    ...(command.parent === null ? [] : help.visibleGlobalOptions(command)),
  ];
}

function flagsOf(
  command: Parser,
  used: ReadonlySet<string | undefined>,
): Candidate[] {
  return optionsOf(command)
    .filter(({ long, variadic }) => variadic || !used.has(long))
    .map(({ long, description }) => ({ value: long ?? "", description }));
}

/** The argument at a place; the last one may take all that follow. */
function argumentOf(command: Parser, place: number) {
  const all = command.registeredArguments;
  const last = all.at(-1);
  return all[place] ?? (last?.variadic ? last : undefined);
}

async function valuesOf(
  option: Option,
  env: Env,
  configDir: string | undefined,
): Promise<Completion> {
  if (option.long === "--profile") {
    return { candidates: await profiles(env, configDir) };
  }
  const placeholder = /<(.+?)(\.{3})?>/.exec(option.flags)?.[1] ?? "";
  return await placeholderValues(placeholder, option.argChoices);
}

/** What a value can be, which its placeholder in the help says. */
async function placeholderValues(
  placeholder: string,
  choices: readonly string[] | undefined,
): Promise<Completion> {
  const plain = (values: readonly string[]) => ({
    candidates: values.map((value) => ({ value, description: "" })),
  });
  if (choices !== undefined) return plain(choices);
  switch (placeholder) {
    case "file":
    case "path":
      return { candidates: [], more: "files" };
    case "dir":
      return { candidates: [], more: "directories" };
    case "shell":
      return plain(SHELLS);
    case "format": {
      const { FORMATS } = await import("../../../token_files/formats.ts");
      return plain(FORMATS.map(({ name }) => name));
    }
    case "kind": {
      const { SEALED_BY } = await import("../../../seal/seal_keys.ts");
      return {
        candidates: Object.entries(SEALED_BY).map(([value, description]) => ({
          value,
          description,
        })),
      };
    }
    case "name|issuer":
      return {
        candidates: [
          { value: "schwab", description: "Charles Schwab" },
          { value: "tdameritrade", description: "TD Ameritrade" },
        ],
      };
    default:
      return { candidates: [] };
  }
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
 * and a last line that says what else the shell may offer. It reads `config.json`
 * at most, sends nothing, and whatever fails is silent: the user is in the
 * middle of a line.
 */
export async function completeCommand(command: Command): Promise<void> {
  const { io, args } = command;
  try {
    const { candidates, more = "nothing" } = await complete(
      buildParser(io),
      args,
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
