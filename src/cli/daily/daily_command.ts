import { TdauthError } from "../../base/errors.ts";
import { type Env, realEnv } from "../../system/environment.ts";
import type { CommandDefinition } from "../grammar/command.ts";
import { readName, readWords } from "../grammar/strict_reader.ts";
import { ExitWith } from "../terminal/exit_code.ts";
import type { Answer } from "./answer.ts";
import { dailyAccount } from "./daily_account.ts";
import { dailyIo } from "./daily_io.ts";
import { Unusual } from "./unusual.ts";

/** Loads the definition of a daily command; `undefined` when it is none. */
export type LoadDaily = (
  name: string,
) => Promise<{ readonly default: CommandDefinition } | undefined> | undefined;

/**
 * Runs a daily command by its own definition, with an account that knows only
 * what is on the disk.
 *
 * @param args The arguments.
 * @param load Loads its definition.
 * @param env The environment.
 * @param now The clock, in milliseconds since the epoch.
 * @returns What it printed; `undefined` when the whole program must answer, and
 * nothing has happened.
 */
export async function dailyCommand(
  args: readonly string[],
  load: LoadDaily,
  env: Env = realEnv,
  now: () => number = Date.now,
): Promise<Answer | undefined> {
  const line = readName(args);
  const loaded = line && await load(line.name);
  const words = loaded && readWords(line, loaded.default);
  const { start } = loaded?.default ?? {};
  if (words === undefined || start === undefined) return undefined;
  const printed = { out: "", err: "" };
  const io = dailyIo(args, env, printed, now);
  try {
    await start({ ...words, io, commands: {}, account: dailyAccount });
    return printed;
  } catch (error) {
    // A program was run and has ended with this code: it must not run again.
    if (error instanceof ExitWith && error.error === undefined) {
      return { ...printed, code: error.code };
    }
    if (
      error instanceof Unusual || error instanceof TdauthError ||
      error instanceof ExitWith
    ) return undefined;
    throw error;
  }
}
