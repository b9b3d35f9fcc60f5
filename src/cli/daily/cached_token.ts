import { type Env, realEnv } from "../../system/environment.ts";
import { stderr } from "../../system/standard_streams.ts";
import type { Answer } from "./answer.ts";
import { findAccount, storedText, tokenOf } from "./found_account.ts";
import { Unusual } from "./unusual.ts";

/**
 * Answers `tdauth token` from the cache.
 *
 * @param env The environment.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The token, and a note about the settings; `undefined` when the whole
 * program must answer.
 */
export async function cachedToken(
  env: Env = realEnv,
  now: number = Date.now(),
): Promise<Answer | undefined> {
  if (env("TD_JSON") !== undefined) return undefined;
  try {
    const account = findAccount({ env });
    const stored = await storedText(account, { env });
    const { token } = tokenOf(account, stored, undefined, now);
    // The whole program wraps its lines in a terminal.
    if (account.note !== undefined && stderr.isTerminal()) return undefined;
    const err = account.note === undefined ? "" : `tdauth: ${account.note}\n`;
    return { out: `${token}\n`, err };
  } catch (error) {
    if (error instanceof Unusual) return undefined;
    throw error;
  }
}
