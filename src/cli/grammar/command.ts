import type { SettingTexts } from "../../settings/settings.ts";
import type { Account } from "../account/account.ts";
import type { Io } from "../terminal/io.ts";
import type { Args, ArgsOf, Flags, FlagsOf } from "./flag.ts";
import { GLOBAL_FLAGS, type GlobalFlags } from "./global_flags.ts";
import { readArgs, readFlags, type Words } from "./read_flags.ts";
import { settingTexts } from "./setting_flags.ts";

/** What the code of a command receives. */
export interface Command<F = unknown, A = unknown> {
  /** The world around it. */
  readonly io: Io;
  /** Its flags and those of every command, without those of settings. */
  readonly flags: GlobalFlags & F;
  /** What it was given besides flags. */
  readonly args: A;
  /** The settings that were given as flags. */
  readonly settings: SettingTexts;
  /** All commands, for help and the manual. */
  readonly commands: Commands;
  /** The account that it is about. */
  readonly account: Account<Command>;
}

/** The texts of a command. */
interface Described {
  /** Where the program's help lists it. @default {with the command that it belongs to} */
  readonly group?:
    | "Tokens"
    | "Use the token"
    | "Other programs"
    | "Maintenance";
  /** What it does, as a sentence. */
  readonly description: string;
  /** The same in a line of a list. @default {the description} */
  readonly summary?: string;
  /** One real example. */
  readonly example: string;
  /** Which flags of settings it accepts, besides the program's: those that describe the app, or those that identify it. @default {none} */
  readonly settings?: "app" | "appKey";
  /** Whether programs call it, and no help and no suggestion shows it. @default {false} */
  readonly hidden?: true;
}

/** A command in the table. */
export interface CommandDefinition extends Described {
  /** Its own flags. */
  readonly flags: Flags;
  /** Its arguments. */
  readonly args: Args;
  /** Runs it; absent where it only has commands of its own. */
  readonly start?: (given: Given) => Promise<void>;
}

/** A parsed command line. */
export interface Given extends Words {
  /** The world around it. */
  readonly io: Io;
  /** All commands. */
  readonly commands: Commands;
  /** The account that it is about. */
  readonly account: Account<Command>;
}

/** Loads a command's definition. */
export type LoadCommand = () => Promise<
  { readonly default: CommandDefinition }
>;

/** All commands by their names, in the order of the help; that of `tdauth cert show` is `cert show`. */
export type Commands = Readonly<
  Record<string, LoadCommand>
>;

/**
 * Defines a command. The definition is loaded for help and the manual as well,
 * so what it runs should be loaded by `run` when that takes more than a few
 * files.
 *
 * @param definition Its texts, flags, arguments and code.
 * @returns The definition for the table.
 *
 * @example
 * ```ts ignore
 * export default command({
 *   group: "Tokens",
 *   description: "Show how long the token is valid.",
 *   example: "tdauth left --at-least 5m",
 *   flags: {
 *     atLeast: {
 *       flag: "--at-least",
 *       kind: "duration",
 *       help: "exit with 1 when less than this is left, like 5m",
 *     },
 *   },
 *   run({ io, flags }) {
 *     io.out(`${flags.atLeast ?? 0}\n`); // seconds
 *   },
 * });
 * ```
 */
export function command<
  const F extends Flags = Readonly<Record<never, never>>,
  const A extends Args = Readonly<Record<never, never>>,
>(
  definition: Described & {
    readonly flags?: F;
    readonly args?: A;
    readonly run?: (
      command: Command<FlagsOf<F>, ArgsOf<A>>,
    ) => void | Promise<void>;
  },
): CommandDefinition {
  const { flags, args, run, ...described } = definition;
  return {
    ...described,
    flags: flags ?? {},
    args: args ?? {},
    ...(run !== undefined && {
      start: async (given: Given) =>
        await run({
          ...outside(given),
          flags: {
            ...readFlags(GLOBAL_FLAGS, given.values),
            ...readFlags(flags, given.values),
          },
          args: readArgs(args, given.words),
        }),
    }),
  };
}

/** What is known of a command line before its command is known. */
export function outside(given: Given): Command {
  const { io, commands, account, values } = given;
  return {
    io,
    commands,
    account,
    flags: readFlags(GLOBAL_FLAGS, values),
    args: {},
    settings: settingTexts(values),
  };
}
