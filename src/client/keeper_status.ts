import { TdauthError } from "../base/errors.ts";
import type { HintInput } from "../base/hint.ts";
import { askKeeper, type KeeperReach } from "./ask_keeper.ts";
import { type Keeper, loginHint } from "./keeper.ts";
import { keeperError } from "./keeper_answer.ts";

/** What is known of the login of tokens that are kept elsewhere. */
export interface KeeperStatus {
  /** Who keeps them. */
  readonly name: string;
  /** How to log in there. */
  readonly loginHint: HintInput;
  /** When the user last logged in there, in seconds since the epoch; absent where it is not known. */
  readonly loginTime?: number;
  /** Whether a login is needed there now; absent where the keeper could not be asked. */
  readonly loginNeeded?: boolean;
  /** When one will be, in seconds since the epoch; absent where that is not known. */
  readonly loginNeededAt?: number;
  /** Why the keeper could not be asked. */
  readonly error?: TdauthError;
}

/**
 * Asks a keeper how long its login lasts.
 *
 * @param keeper The keeper.
 * @param reach How it is reached.
 * @returns What it said, or why it said nothing.
 */
export async function keeperStatus(
  keeper: Keeper,
  reach: KeeperReach,
): Promise<KeeperStatus> {
  const known = { name: keeper.name, loginHint: loginHint(keeper) };
  try {
    // It fails when a login is needed, and says so all the same.
    const { fields } = await askKeeper(keeper, { about: "status" }, reach);
    const { login_needed: loginNeeded, login_needed_at, login_time } = fields;
    if (typeof loginNeeded !== "boolean") {
      return { ...known, error: keeperError(keeper, fields) };
    }
    return {
      ...known,
      loginNeeded,
      ...(typeof login_time === "number" && { loginTime: login_time }),
      ...(typeof login_needed_at === "number" &&
        { loginNeededAt: login_needed_at }),
    };
  } catch (error) {
    if (error instanceof TdauthError) return { ...known, error };
    throw error;
  }
}
