import type { Context } from "../../../client/context.ts";
import { loginDue, loginNeededIn, type Tokens } from "../../../token/token.ts";
import type { Command } from "../../grammar/command.ts";
import { formatDuration } from "../../terminal/duration.ts";
import { style, wantsJson, writeJson } from "../../terminal/output.ts";
import { formatWhen } from "../../terminal/when.ts";

/** A new login, the recent last one, or one that another process has just made. */
export type LoginOutcome = "new" | "young" | "other";

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
  const { refreshToken, loginTime } = tokens;
  const end = loginDue(tokens);
  const due = Number.isFinite(end) ? end : null;
  if (wantsJson(command)) {
    return writeJson(command.io, {
      profile: context.settings.profile,
      provider: context.provider.key,
      logged_in: outcome === "new",
      login_time: loginTime ?? null,
      login_needed_at: due,
    });
  }
  const { green, yellow, dim } = style(command, "err");
  const next = due === null
    ? ""
    : ` Next login due by ${formatWhen(due)} ${
      dim(`(in ${formatDuration(loginNeededIn(tokens))})`)
    }.`;
  command.io.err(
    outcome === "new"
      ? `${green("Logged in.")}${next}\n`
      : `${
        outcome === "young"
          ? "Already logged in: the last login is recent enough."
          : "Another process has just logged in; using its tokens."
      }${next}\n`,
  );
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
