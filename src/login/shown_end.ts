import { TdauthError } from "../base/errors.ts";
import type { Hint } from "../base/hint.ts";
import type { CallbackPage } from "./callback_page.ts";

/** What the page at the end of a login says besides what came of it. */
export interface EndContext {
  /** The broker and the app, for people. */
  readonly about: { readonly broker: string; readonly app: string };
  /** Shows the page in the user's browser. */
  readonly show: (page: CallbackPage) => Promise<void>;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Writes a hint for the user. */
  readonly hintText: (hint: Hint) => string;
}

/** Whose login it was, and how long it lasts. */
export interface EndedLogin {
  /** The profile. */
  readonly profile: string;
  /** When the next login is due, in seconds since the epoch; `Infinity` when that is unknown. */
  readonly due: number;
}

/**
 * Ends a login, and shows in the user's browser what came of it: only after the
 * tokens are stored does it say that the user is logged in.
 *
 * @param context What the page says.
 * @param end Gets and stores the tokens.
 * @param ended Tells of what `end` returned whose login it was.
 * @returns What `end` returned.
 * @throws {unknown} What `end` threw; the page says it, too.
 */
export async function shownEnd<T>(
  { about, show, now, hintText }: EndContext,
  end: () => Promise<T>,
  ended: (result: T) => EndedLogin,
): Promise<T> {
  let page: CallbackPage = {
    kind: "failed",
    ...about,
    message: "The login was interrupted",
  };
  try {
    const result = await end();
    const { profile, due } = ended(result);
    page = {
      kind: "success",
      ...about,
      ...(profile !== "default" && { profile }),
      ...(Number.isFinite(due) && { nextLogin: new Date(due * 1000) }),
      now: new Date(now()),
    };
    return result;
  } catch (error) {
    if (error instanceof TdauthError) {
      page = error.code === "login_denied" ? { kind: "denied", ...about } : {
        kind: "failed",
        ...about,
        message: error.message,
        ...(error.hint !== undefined && { hint: hintText(error.hint) }),
      };
    }
    throw error;
  } finally {
    await show(page);
  }
}
