import type { Context } from "../../../client/context.ts";
import { loginDue, type Tokens } from "../../../token/token.ts";
import type { Command } from "../../grammar/command.ts";
import { formatDuration } from "../../terminal/duration.ts";
import { style, wantsJson, writeJson } from "../../terminal/output.ts";
import { formatWhen } from "../../terminal/when.ts";

/** A new login, the recent last one, or one that another process has just made. */
export type LoginOutcome = "new" | "young" | "other";

/** A login whose tokens are stored. */
export interface StoredLogin {
  /** Where the tokens are from. */
  readonly outcome: LoginOutcome;
  /** The profile. */
  readonly profile: string;
  /** The provider's key. */
  readonly provider: string;
  /** When the user logged in, in seconds since the epoch. */
  readonly login_time: number | null;
  /** When the next login is due, in seconds since the epoch. */
  readonly login_needed_at: number | null;
}

/**
 * Says how a login ended: on stderr, or as JSON on stdout.
 *
 * @param command The command.
 * @param context Its account.
 * @param tokens The tokens.
 * @param outcome Where they are from.
 */
export function tell(
  command: Command,
  context: Context,
  tokens: Tokens,
  outcome: LoginOutcome,
): void {
  tellStored(command, storedLogin(context, tokens, outcome));
  if (!wantsJson(command)) noteTokens(command, context, tokens);
}

/** Describes a login by its tokens. */
export function storedLogin(
  { settings, provider }: Context,
  tokens: Tokens,
  outcome: LoginOutcome,
): StoredLogin {
  const due = loginDue(tokens);
  return {
    outcome,
    profile: settings.profile,
    provider: provider.key,
    login_time: tokens.loginTime ?? null,
    login_needed_at: Number.isFinite(due) ? due : null,
  };
}

/**
 * Says how a login ended, here or on another machine.
 *
 * @param command The command.
 * @param stored The login.
 * @param on What the other machine is called.
 */
export function tellStored(
  command: Command,
  { outcome, profile, provider, login_time, login_needed_at }: StoredLogin,
  on?: string,
): void {
  const { io } = command;
  if (wantsJson(command)) {
    return writeJson(io, {
      profile,
      provider,
      ...(on !== undefined && { on }),
      logged_in: outcome === "new",
      login_time,
      login_needed_at,
    });
  }
  const { green, dim } = style(command, "err");
  const left = (login_needed_at ?? 0) - io.now() / 1000;
  const next = login_needed_at === null
    ? ""
    : ` Next login due by ${formatWhen(login_needed_at)} ${
      dim(`(in ${formatDuration(Math.max(0, left))})`)
    }.`;
  const there = on === undefined ? "" : ` on ${on}`;
  io.err(
    outcome === "new"
      ? `${green(`Logged in${there}.`)}${next}\n`
      : `${
        outcome === "young"
          ? `Already logged in${there}: the last login is recent enough.`
          : `Another process has just logged in${there}; using its tokens.`
      }${next}\n`,
  );
}

/** Says what is odd about stored tokens. */
export function noteTokens(
  command: Command,
  context: Context,
  { refreshToken }: Tokens,
): void {
  const { yellow } = style(command, "err");
  if (refreshToken.token === undefined) {
    command.io.err(
      `${
        yellow("note:")
      } ${context.provider.name} issued no refresh token, so each access token takes a login; ` +
        `a scope such as offline_access may bring one (--scope)\n`,
    );
  }
  if (!context.settings.storeTokens) {
    command.io.err(
      `${
        yellow("note:")
      } TD_STORE_TOKENS is False, so these tokens are lost when this command exits\n`,
    );
  }
}
