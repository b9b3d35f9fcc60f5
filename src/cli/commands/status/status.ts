import { TdauthError } from "../../../base/errors.ts";
import { maskKey } from "../../../login/mask_key.ts";
import { SEALED_BY } from "../../../seal/sealed_by.ts";
import type { Claims } from "../../../token/claims.ts";
import { leastValid } from "../../../token/held_token.ts";
import {
  type AccessToken,
  loginDue,
  loginNeededIn,
  type Tokens,
} from "../../../token/token.ts";
import type { AccountView } from "../../account/account.ts";
import type { Command } from "../../grammar/command.ts";
import { style, wantsJson, writeJson } from "../../terminal/output.ts";
import { nextCommand } from "../../terminal/hint_text.ts";
import { formatDuration } from "../../terminal/duration.ts";
import { shown } from "../../../base/shown.ts";
import { tilde } from "../../terminal/tilde.ts";
import { formatWhen } from "../../terminal/when.ts";

const BAR_WIDTH = 24;
/** How many characters of the user are shown: on one line, whatever the provider says. */
const LONGEST_USER = 100;

/**
 * Shows whose tokens are stored, how long they are valid, and when the next login is due.
 *
 * @param command The command.
 * @param within How long no login may be needed, in seconds.
 * @throws {TdauthError} `login_needed` when one is needed within that time.
 */
export async function status(command: Command, within = 0): Promise<void> {
  const view = await command.account.view(command);
  const { tokens, keeper } = view;
  const now = command.io.now() / 1000;
  if (wantsJson(command)) writeJson(command.io, report(view, now));
  else command.io.out(picture(command, view, now));
  const left = nextLoginIn(view, now);
  if (left > within) return;
  if (keeper?.error !== undefined) throw keeper.error;
  const hint = keeper === undefined
    ? { text: "log in:", command: ["login"] }
    : "log in where the tokens are kept";
  if (left > 0) {
    throw new TdauthError(
      "login_needed",
      `Cannot continue for ${
        formatDuration(within)
      } without a login: the next one is due in ${formatDuration(left)}`,
      { hint },
    );
  }
  throw new TdauthError(
    "login_needed",
    `Cannot continue without a login: ${
      tokens.refreshToken.token === undefined
        ? tokens.accessToken.token === undefined
          ? "there are no stored tokens"
          : "the access token has expired, and there is no refresh token"
        : tokens.refreshRefused !== undefined
        ? `the broker rejected the refresh token: ${tokens.refreshRefused.reason}`
        : "the refresh token has expired"
    }`,
    { hint },
  );
}

/** For how many seconds no login is needed, as far as it is known. */
function nextLoginIn({ tokens, keeper }: AccountView, now: number): number {
  if (keeper === undefined) return loginNeededIn(tokens);
  if (keeper.loginNeeded ?? true) return 0;
  return (keeper.loginNeededAt ?? Infinity) - now;
}

function report(view: AccountView, now: number): Record<string, unknown> {
  const { keeper } = view;
  const { accessToken, refreshToken, refreshRefused } = view.tokens;
  const { loginTime } = keeper ?? view.tokens;
  const left = nextLoginIn(view, now);
  const due = keeper === undefined
    ? loginDue(view.tokens)
    : keeper.loginNeededAt ?? Infinity;
  return {
    profile: view.profile,
    provider: view.provider,
    sandbox: view.sandbox ?? null,
    consumer_key: maskKey(view.consumerKey),
    callback_url: view.callbackUrl ?? null,
    ...(view.apiOrigin !== undefined && { api_origin: view.apiOrigin }),
    ...(view.tokens.claims !== undefined && { claims: view.tokens.claims }),
    access_token: tokenReport(accessToken),
    refresh_token: tokenReport(refreshToken, refreshRefused),
    login_time: loginTime ?? null,
    login_needed: keeper === undefined ? left <= 0 : keeper.loginNeeded ?? null,
    login_needed_at: left > 0 && Number.isFinite(due) ? due : null,
    ...(keeper !== undefined && { keeper: keeper.by.name }),
    cache: view.path ?? null,
    sealed: view.sealedBy ?? null,
  };
}

/** Who has logged in, by what people know them by, and what tells them apart. */
function userText(claims: Claims): string {
  const name = ["email", "preferred_username", "name"]
    .map((claim) => claims[claim])
    .find((value) => typeof value === "string" && value !== "");
  const text = name === undefined ? claims.sub : `${name} (${claims.sub})`;
  return text.replace(/\s+/g, " ").slice(0, LONGEST_USER);
}

function tokenReport(
  token: AccessToken,
  refused?: Tokens["refreshRefused"],
): Record<string, unknown> | null {
  if (token.token === undefined) return null;
  const known = Number.isFinite(token.expiry);
  return {
    valid: token.valid && refused === undefined,
    expires_at: known ? token.expiry : null,
    expires_in: known ? Math.floor(token.remaining) : null,
  };
}

function picture(command: Command, view: AccountView, now: number): string {
  const { bold, dim, green, yellow, red, cyan } = style(command, "out");
  const { tokens, sealedBy, seal, keeper } = view;
  const row = (label: string, text: string) =>
    `  ${dim(label.padEnd(15))}${text}\n`;

  const tokenRow = (label: string, token: AccessToken, warnBelow: number) => {
    if (token.token === undefined) {
      const without = token === tokens.refreshToken &&
        tokens.accessToken.token !== undefined;
      return row(
        label,
        without ? "none: each access token takes a login" : red("none"),
      );
    }
    const left = token.remaining;
    if (token === tokens.refreshToken && tokens.refreshRefused !== undefined) {
      return row(
        label,
        `${dim("░".repeat(BAR_WIDTH))}  ${red("rejected")} ${
          dim(formatWhen(tokens.refreshRefused.time))
        }`,
      );
    }
    if (left <= 0) {
      return row(
        label,
        `${dim("░".repeat(BAR_WIDTH))}  ${red("expired")} ${
          dim(formatWhen(token.expiry))
        }`,
      );
    }
    if (!Number.isFinite(left)) {
      return row(
        label,
        `${green("█".repeat(BAR_WIDTH))}  ${green("valid")}, no known expiry`,
      );
    }
    const full = Math.max(1, Math.round((left / token.expiresIn) * BAR_WIDTH));
    const paint = left < warnBelow ? yellow : green;
    const bar = paint("█".repeat(full)) + dim("░".repeat(BAR_WIDTH - full));
    return row(label, `${bar}  ${paint("valid")} for ${formatDuration(left)}`);
  };

  const left = nextLoginIn(view, now);
  const day = 86_400;
  const next = keeper !== undefined && keeper.loginNeeded === undefined
    ? red("not known") // the error below says why
    : left <= 0
    ? red("now") // the error below says why, and what to do
    : !Number.isFinite(left)
    ? "when the broker requires it"
    : `${
      (left < day ? yellow : (text: string) => text)(
        formatWhen(keeper?.loginNeededAt ?? loginDue(tokens)),
      )
    } ${dim(`(in ${formatDuration(left)})`)}`;
  const soon = left > 0 && left < day;
  return "\n" + [
    `  ${bold(shown(view.providerName))}` +
    (view.sandbox === undefined ? "" : yellow("  practice broker")) +
    (view.profile === "default" ? "" : dim(`  profile ${view.profile}`)) +
    "\n\n",
    tokens.claims === undefined
      ? ""
      : row("User", shown(userText(tokens.claims))),
    keeper === undefined
      ? row("App", shown(maskKey(view.consumerKey))) + row(
        "Callback URL",
        view.callbackUrl === undefined
          ? dim("not set")
          : shown(view.callbackUrl),
      )
      : row("Kept by", shown(keeper.by.name)),
    view.apiOrigin === undefined ? "" : row("API", shown(view.apiOrigin)),
    row(
      "Stored in",
      view.path === undefined
        ? "memory only"
        : shown(tilde(command, view.path)),
    ),
    sealedBy !== undefined
      ? row("", `sealed by ${SEALED_BY[sealedBy]}`)
      : seal !== undefined
      ? row("", `to be sealed by ${SEALED_BY[seal]}`)
      : "",
    "\n",
    tokenRow(
      "Access token",
      tokens.accessToken,
      leastValid(tokens.accessToken.expiresIn),
    ),
    keeper === undefined
      ? tokenRow("Refresh token", tokens.refreshToken, day)
      : row("Refresh token", `only at ${shown(keeper.by.name)}`),
    "\n",
    row("Next login", next),
    soon && keeper === undefined
      ? row("", `by then, run ${cyan(nextCommand(command, ["login"]))}`)
      : "",
  ].join("") + "\n";
}
