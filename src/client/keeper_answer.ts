import { TdauthError, type TdauthErrorCode } from "../base/errors.ts";
import { LONGEST_LIFETIME } from "../token/held_token.ts";
import { AccessToken, RefreshToken, type Tokens } from "../token/token.ts";
import { isObject } from "../token/token_text.ts";
import { type Keeper, loginHint } from "./keeper.ts";

/** What a keeper answered. */
export interface KeeperAnswer {
  /** Whether it did what it was asked. */
  readonly ok: boolean;
  /** The fields of its JSON object. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** No message of a keeper is longer, in characters. */
const LONGEST_MESSAGE = 500;

/**
 * Finds the JSON object in an output that may have other lines around it, as of a
 * shell's profile.
 *
 * @param output The output.
 * @returns Its fields; `undefined` when there is none.
 */
export function objectIn(output: string): Record<string, unknown> | undefined {
  const end = output.lastIndexOf("}") + 1;
  let tries = 0;
  for (const { index } of output.matchAll(/^\{/gm)) {
    if (index >= end || ++tries > 20) break;
    try {
      const value: unknown = JSON.parse(output.slice(index, end));
      if (isObject(value)) return value;
    } catch {
      // The next line that begins with one.
    }
  }
  return undefined;
}

/**
 * Makes tokens of a keeper's answer: an access token alone.
 *
 * @param keeper The keeper.
 * @param answer What it answered.
 * @param context When it was asked, the provider here, and the clock of the tokens.
 * @returns The tokens.
 * @throws {TdauthError} The keeper's own error, or `unexpected_answer`.
 */
export function tokensIn(
  keeper: Keeper,
  { ok, fields }: KeeperAnswer,
  { askedAt, provider, now }: {
    /** Milliseconds since the epoch. */
    readonly askedAt: number;
    readonly provider: { readonly id: string; readonly key: string };
    readonly now: () => number;
  },
): Tokens {
  if (!ok) throw keeperError(keeper, fields);
  const { access_token: token, expires_in, api_origin } = fields;
  if (typeof token !== "string" || !/^[!-~]{1,16384}$/.test(token)) {
    throw nonsense(keeper, "its answer has no access token");
  }
  const { provider: theirs } = fields;
  if (typeof theirs === "string" && theirs !== provider.key) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use the tokens of ${keeper.name}: they are of the provider "${theirs}", and this profile says "${provider.key}"`,
      { hint: `set --provider (TD_PROVIDER) to ${theirs}` },
    );
  }
  // It is cut to whole seconds: of none there is a part left.
  const expiresIn = expires_in === null ? Infinity : expires_in || 0.5;
  if (
    typeof expiresIn !== "number" || !(expiresIn > 0) ||
    (expiresIn !== Infinity && expiresIn > LONGEST_LIFETIME)
  ) throw nonsense(keeper, "its access token has expired, or says no time");
  const life = lifetime(fields, expiresIn);
  return {
    // Its clock may differ from this one's: what counts is how long it lives still.
    accessToken: new AccessToken({
      token,
      accessTime: Math.floor(askedAt / 1000) -
        (life === Infinity ? 0 : life - expiresIn),
      expiresIn: life,
    }, now),
    refreshToken: new RefreshToken(undefined, now),
    ...(typeof api_origin === "string" && { apiOrigin: api_origin }),
    provider: provider.id,
  };
}

/** How long the token has to live in all, by which it is decided how much must be left of it. */
function lifetime(
  { issued_at, expires_at }: Readonly<Record<string, unknown>>,
  left: number,
): number {
  if (typeof issued_at !== "number" || typeof expires_at !== "number") {
    return left;
  }
  const life = expires_at - issued_at;
  return life >= left && life <= LONGEST_LIFETIME ? life : left;
}

/** The keeper's own error, as it is for the follower. */
export function keeperError(
  keeper: Keeper,
  fields: Readonly<Record<string, unknown>>,
): TdauthError {
  const error = isObject(fields["error"]) ? fields["error"] : fields;
  const { code, message, detail, hint } = error;
  const said = [message, detail].find((text) => typeof text === "string") ??
    "it says no reason";
  const reason = String(said).slice(0, LONGEST_MESSAGE);
  const text = `${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;
  const there = typeof hint === "string"
    ? `there: ${hint.slice(0, LONGEST_MESSAGE)}`
    : "look at the tokens there first";
  const known = codeHere(code);
  return new TdauthError(
    known,
    `Cannot get an access token from ${keeper.name}: ${text}`,
    { hint: known === "login_needed" ? loginHint(keeper) : there },
  );
}

/** What a keeper's code is for its follower: its settings and files are its own to repair. */
function codeHere(code: unknown): TdauthErrorCode {
  switch (code) {
    case "login_needed":
      return "login_needed";
    case "invalid_client":
      return "invalid_client";
    case "broker_unavailable":
      return "broker_unavailable";
    case "busy":
      return "busy";
  }
  return "unexpected_answer";
}

/** An answer that is none. */
export function nonsense(keeper: Keeper, why: string): TdauthError {
  return new TdauthError(
    "unexpected_answer",
    `Cannot get an access token from ${keeper.name}: ${why}`,
    { hint: "check that tdauth there is of the same version" },
  );
}
