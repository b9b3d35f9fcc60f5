import { PRESETS } from "../../providers/presets.ts";
import { type SettingName, settingRow } from "../../settings/setting_table.ts";
import type { CommandDefinition } from "./command.ts";
import type { Choices, Flag } from "./flag.ts";
import { ANSWERED, GLOBAL_FLAGS } from "./global_flags.ts";
import { type SettingFlags, settingFlags } from "./setting_flags.ts";

/** A flag as help, manual and completions show it. */
export interface FlagLine {
  /** `--output` */
  readonly long: string;
  /** `-o` */
  readonly short?: string;
  /** What its value is called; absent where it has none. */
  readonly value?: string;
  /** What it does. */
  readonly help: string;
  /** Whether it can be repeated. */
  readonly repeated: boolean;
  /** Whether only programs use it. */
  readonly hidden?: true;
  /** What its value is, for shells. */
  readonly offers?: "files" | "directories" | "profiles" | Choices;
}

/** The flags of the program and of every command. */
export function globalFlagLines(): FlagLine[] {
  return [
    lineOf(ANSWERED.version),
    ...settingLines("program"),
    ...Object.values(GLOBAL_FLAGS).map(lineOf),
  ];
}

/** The line of `--help`, which every command answers. */
export function helpLine(): FlagLine {
  return lineOf(ANSWERED.help);
}

/** The flags of a command alone, those of settings first. */
export function flagLines(
  { flags, settings }: Pick<CommandDefinition, "flags" | "settings">,
): FlagLine[] {
  return [
    ...(settings === undefined ? [] : settingLines(settings)),
    // The parser takes one that is declared first for the default.
    ...Object.values(flags).flatMap((flag) =>
      flag.kind === "boolean"
        ? [lineOf(flag), ...opposite(flag)]
        : [...opposite(flag), lineOf(flag)]
    ),
  ];
}

/** What shells offer for a setting, by its kind. */
function settingOffers(name: SettingName): FlagLine["offers"] {
  const { kind, choices } = settingRow(name);
  if (kind === "name") return "profiles";
  if (kind === "provider") {
    return Object.fromEntries(PRESETS.map(({ key, name }) => [key, name]));
  }
  return choices && Object.fromEntries(choices.map((choice) => [choice, ""]));
}

function settingLines(taker: SettingFlags): FlagLine[] {
  return [...settingFlags(taker)].map(([name, flag]) => {
    const offers = settingOffers(name);
    return { ...lineOf(flag), ...(offers !== undefined && { offers }) };
  });
}

/** The flag that says no, where there is one. */
function opposite(flag: Flag): FlagLine[] {
  if (!("no" in flag) || flag.no === undefined) return [];
  const long = flag.flag.replace(/^--/, "--no-");
  return [{ long, help: flag.no, repeated: false }];
}

/** A flag as it is written: `-o, --output <file>`. */
export function written({ short, long, value }: FlagLine): string {
  return `${short === undefined ? "" : `${short}, `}${long}${
    value === undefined ? "" : ` <${value}>`
  }`;
}

function lineOf(flag: Flag): FlagLine {
  const { flag: long, short, help } = flag;
  const named = {
    long,
    ...(short !== undefined && { short }),
    ...(flag.hidden && { hidden: flag.hidden }),
  };
  if (flag.kind === "boolean") return { ...named, help, repeated: false };
  const offers = offersOf(flag);
  return {
    ...named,
    value: flag.value ?? VALUES[flag.kind],
    help: "default" in flag && flag.default !== undefined
      ? `${help} (default: ${flag.default})`
      : help,
    repeated: flag.repeated === true,
    ...(offers !== undefined && { offers }),
  };
}

/** What the values of each kind are called. */
const VALUES: Readonly<Record<Exclude<Flag["kind"], "boolean">, string>> = {
  text: "text",
  file: "file",
  directory: "dir",
  duration: "duration",
  timeout: "duration",
  number: "number",
  choice: "kind",
};

function offersOf(
  flag: Exclude<Flag, { kind: "boolean" }>,
): FlagLine["offers"] {
  if (flag.kind === "choice") return flag.choices;
  if ("suggest" in flag && flag.suggest !== undefined) return flag.suggest;
  return flag.kind === "file"
    ? "files"
    : flag.kind === "directory"
    ? "directories"
    : undefined;
}
