import { TdauthError } from "../base/errors.ts";
import { askKeeper, type KeeperReach } from "./ask_keeper.ts";
import { type Keeper, loginHint } from "./keeper.ts";
import { keeperError, nonsense } from "./keeper_answer.ts";

/** What is known of the login of tokens that are kept elsewhere. */
export interface KeeperStatus {
  /** Who keeps them. */
  readonly by: Keeper;
  /** When the user last logged in there, in seconds since the epoch; absent where it is not known. */
  readonly loginTime?: number;
  /** Whether a login is needed there now; absent where the keeper could not be asked. */
  readonly loginNeeded?: boolean;
  /** When one will be, in seconds since the epoch; absent where that is not known. */
  readonly loginNeededAt?: number;
  /** What ends the status: why the keeper could not be asked, or that it needs a login. */
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
  try {
    // It fails when a login is needed, and says so all the same.
    const { ok, fields } = await askKeeper(keeper, { about: "status" }, reach);
    const { login_needed: loginNeeded, login_needed_at, login_time } = fields;
    if (typeof loginNeeded !== "boolean") {
      return {
        by: keeper,
        error: ok
          ? nonsense(keeper, "it does not say how long its login lasts")
          : keeperError(keeper, fields),
      };
    }
    return {
      by: keeper,
      loginNeeded,
      ...(loginNeeded && { error: needsLogin(keeper) }),
      ...(typeof login_time === "number" && { loginTime: login_time }),
      ...(typeof login_needed_at === "number" &&
        { loginNeededAt: login_needed_at }),
    };
  } catch (error) {
    if (error instanceof TdauthError) return { by: keeper, error };
    throw error;
  }
}

function needsLogin(keeper: Keeper): TdauthError {
  return new TdauthError(
    "login_needed",
    `Cannot continue without a login: ${keeper.name} needs one`,
    { hint: loginHint(keeper) },
  );
}
