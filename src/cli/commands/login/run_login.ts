import { loggedIn, type LoginNeeds } from "../../../client/log_in.ts";
import type { Context } from "../../../client/context.ts";
import { TdauthError } from "../../../base/errors.ts";
import { isLoggedIn, type Tokens } from "../../../token/token.ts";
import type { Command } from "../../grammar/command.ts";
import { style } from "../../terminal/output.ts";
import type { LoginFlags } from "./flags.ts";
import type { LoginOutcome } from "./tell.ts";

/**
 * Logs in, unless the last login is recent enough or another process has just
 * logged in.
 *
 * @param command The command, which warns those who use the last tokens.
 * @param context Its account.
 * @param needs Whether anything listens for the redirect.
 * @returns The tokens, and where they are from.
 * @throws {TdauthError} As from the login; `busy` when another login does not end.
 */
export async function runLogin(
  command: Command<LoginFlags>,
  context: Context,
  needs: Pick<LoginNeeds, "pasteOnly"> = {},
): Promise<{ readonly tokens: Tokens; readonly outcome: LoginOutcome }> {
  const { io, flags } = command;
  const { ifOlder } = flags;
  const before = await lastLogin(context);
  const young = (stored: Tokens) =>
    ifOlder !== undefined && isLoggedIn(stored) &&
    stored.loginTime !== undefined &&
    // One in the future says that the clock was turned back, not how old it is.
    Math.abs(io.now() / 1000 - stored.loginTime) < ifOlder;
  // Another process logged in while this command waited for the lock.
  const justMade = (stored: Tokens) =>
    !flags.force && isLoggedIn(stored) &&
    stored.loginTime !== before?.loginTime;
  await warnOthers(command, context, before);
  let outcome: LoginOutcome = "new";
  const tokens = await loggedIn(context, {
    ...needs,
    isAcceptable: (stored) => {
      outcome = young(stored) ? "young" : justMade(stored) ? "other" : "new";
      return outcome !== "new";
    },
    mustStore: true,
    asked: true,
  });
  return { tokens, outcome };
}

/** The tokens of the last login, where there are any that can be read. */
async function lastLogin(
  { cache, log }: Context,
): Promise<Tokens | undefined> {
  try {
    const tokens = await cache.load();
    return isLoggedIn(tokens) ? tokens : undefined;
  } catch (error) {
    if (!(error instanceof TdauthError) || error.code !== "cache_corrupt") {
      throw error;
    }
    // A damaged file was moved aside, and the user must know where it is.
    log("warning", error.message);
    return undefined;
  }
}

/** Warns that other scripts must load the new tokens, where that is so. */
async function warnOthers(
  command: Command<LoginFlags>,
  context: Context,
  before: Tokens | undefined,
): Promise<void> {
  if (before === undefined || command.flags.ifOlder !== undefined) return;
  const provider = await context.provider.get();
  if (!provider.loginEndsOthers) return;
  const { yellow } = style(command, "err");
  command.io.err(
    `${
      yellow("note:")
    } a new login at ${provider.name} invalidates the last tokens immediately; ` +
      `other programs that use them must log in, too\n`,
  );
}
