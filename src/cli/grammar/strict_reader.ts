import type { CommandDefinition } from "./command.ts";
import type { Flags } from "./flag.ts";
import { GLOBAL_FLAGS } from "./global_flags.ts";
import type { Words } from "./read_flags.ts";
import { type SettingFlags, settingFlags } from "./setting_flags.ts";

/** Whether each known flag takes a value. */
type Known = Map<string, boolean>;

/** What stands before the name of a command. */
export interface NamedLine {
  /** The command's name. */
  readonly name: string;
  /** The flags before it, which are the program's. */
  readonly values: Map<string, string | true>;
  /** The arguments after it. */
  readonly rest: readonly string[];
}

/**
 * Reads a command line up to the name of its command, strictly: anything that is
 * not completely understood is left to the parser, which knows all of the grammar,
 * the help and the errors, and takes 25 times as long to load.
 *
 * @param args The arguments.
 * @returns The name and what stands around it; `undefined` when it is left to the parser.
 */
export function readName(args: readonly string[]): NamedLine | undefined {
  const values = new Map<string, string | true>();
  const at = readFlagsFrom(args, 0, programFlags(), values);
  const name = at === undefined ? undefined : args[at];
  if (at === undefined || name === undefined || name === "--") return undefined;
  return { name, values, rest: args.slice(at + 1) };
}

/**
 * Reads the arguments after the name of a command, as strictly as {@linkcode readName}.
 *
 * @param line The line up to the name.
 * @param definition The command.
 * @returns Its words; `undefined` when they are left to the parser.
 */
export function readWords(
  line: NamedLine,
  definition: Pick<CommandDefinition, "flags" | "args" | "settings">,
): Words | undefined {
  const known = programFlags();
  if (definition.settings !== undefined) {
    addSettings(known, definition.settings);
  }
  if (!addFlags(known, definition.flags)) return undefined;
  const { rest } = line;
  const values = new Map(line.values);
  const at = readFlagsFrom(rest, 0, known, values);
  if (at === undefined) return undefined;
  const runs = Object.values(definition.args)[0]?.kind === "command";
  if (!runs) {
    return at === rest.length && Object.keys(definition.args).length === 0
      ? { values, words: [] }
      : undefined;
  }
  // From its first word on, with `--` before it or not, all are another program's.
  const words = rest.slice(rest[at] === "--" ? at + 1 : at);
  return words.length === 0 ? undefined : { values, words };
}

/** Reads flags; returns the place of what follows them, `undefined` for one that is not understood. */
function readFlagsFrom(
  args: readonly string[],
  from: number,
  known: Known,
  values: Map<string, string | true>,
): number | undefined {
  for (let at = from; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--" || !word.startsWith("-")) return at;
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const takesValue = known.get(name);
    if (takesValue === undefined) return undefined;
    if (!takesValue) {
      if (equals >= 0) return undefined;
      values.set(name, true);
      continue;
    }
    const value = equals < 0 ? args[++at] : word.slice(equals + 1);
    if (value === undefined || value === "" || value.startsWith("-")) {
      return undefined;
    }
    values.set(name, value);
  }
  return args.length;
}

function programFlags(): Known {
  const known: Known = new Map();
  addFlags(known, GLOBAL_FLAGS);
  addSettings(known, "program");
  return known;
}

function addSettings(known: Known, taker: SettingFlags): void {
  for (const { flag, repeated } of settingFlags(taker).values()) {
    if (!repeated) known.set(flag, true);
  }
}

/** Adds a command's flags; returns whether they are simple enough. */
function addFlags(known: Known, flags: Flags): boolean {
  for (const flag of Object.values(flags)) {
    if ("repeated" in flag && flag.repeated) return false;
    if (flag.short !== undefined || "no" in flag) return false;
    known.set(flag.flag, flag.kind !== "boolean");
  }
  return true;
}
