import { TdauthError } from "../base/errors.ts";
import { isProfileName } from "../settings/profile_name.ts";
import type { AccessToken } from "../token/token.ts";
import { answer, type Problem, problemOf, problemResponse } from "./problem.ts";
import { BadBody, readBody } from "./read_body.ts";
import { type Target, targetOf } from "./target_of.ts";

/** An access token with what a follower must know of it. */
export interface KeptToken {
  /** The token with its times. */
  readonly accessToken: AccessToken;
  /** What settings call the provider: `schwab`. */
  readonly provider: string;
  /** The origin of the API that came with the tokens, if one did. */
  readonly apiOrigin: string | undefined;
}

/** Which token is asked for. */
export interface TokenQuestion {
  /** The profile. */
  readonly profile: string;
  /** How many seconds it must still be valid; if unset, its life decides. */
  readonly minValid: number | undefined;
  /** The access token that the API has rejected: another one is asked for. */
  readonly rejected: string | undefined;
}

/** What the socket's answers are made of; the code of commands in the same process. */
export interface KeeperAnswersOptions {
  /** Gets an access token, refreshed when need be; never logs in. */
  readonly token: (question: TokenQuestion) => Promise<KeptToken>;
  /** Looks at a profile: what `tdauth status --json` prints. */
  readonly status: (profile: string) => Promise<object>;
  /** The profile of a request that names none. */
  readonly profile: string;
  /** The words that call tdauth, for hints. */
  readonly called: readonly string[];
  /** Hears of errors that are not tdauth's own. */
  readonly onError: (error: unknown) => void;
}

/** The longest time that a token can be asked for, in seconds: a year. */
const LONGEST_VALID = 31_622_400;

/**
 * Answers the requests at the keeper's socket.
 *
 * - `GET /tdauth/v1/status?profile=NAME`: as `tdauth status --json`.
 * - `GET /tdauth/v1/token?profile=NAME&min_valid=SECONDS`: as `tdauth token --json`.
 * - `POST` at the same path with a rejected access token as its body, or the
 *   header that carried it: as `tdauth token --refused --json`.
 *
 * @param options Where tokens come from.
 * @returns The handler; it never rejects.
 */
export function keeperAnswers(
  options: KeeperAnswersOptions,
): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      const found = routeOf(request);
      if ("code" in found) return problemResponse(found);
      const { query } = found;
      const profile = query.get("profile") ?? options.profile;
      if (!isProfileName(profile)) throw wrong("profile is no profile's name");
      if (found.path === STATUS) {
        return answer(200, await options.status(profile));
      }
      const rejected = request.method === "POST"
        ? tokenIn(await readBody(request))
        : undefined;
      const minValid = secondsOf(query.get("min_valid"));
      return answer(
        200,
        tokenAnswer(await options.token({ profile, minValid, rejected })),
      );
    } catch (error) {
      if (error instanceof BadBody) return problemResponse(error.problem);
      if (!(error instanceof TdauthError)) options.onError(error);
      return problemResponse(problemOf(error, options.called));
    }
  };
}

const STATUS = "/tdauth/v1/status";
const TOKEN = "/tdauth/v1/token";

/** What there is, how it may be asked for, and with which parameters. */
const ROUTES: Readonly<
  Record<string, { methods: readonly string[]; query: readonly string[] }>
> = {
  [STATUS]: { methods: ["GET"], query: ["profile"] },
  [TOKEN]: { methods: ["GET", "POST"], query: ["profile", "min_valid"] },
};

/** What a request asks for, or why it is not answered. */
function routeOf({ url, method, headers }: Request): Target | Problem {
  const target = targetOf(url, headers.get("host"));
  if (target === undefined) {
    return {
      status: 400,
      code: "bad_target",
      detail: "Cannot answer: the request's target or Host is not plain",
    };
  }
  // No page reaches a Unix socket by itself, but through a program that forwards it.
  if (headers.has("origin") || headers.has("sec-fetch-site")) {
    return {
      status: 403,
      code: "browser_refused",
      detail: "Cannot answer: the request comes from a web page",
    };
  }
  const route = Object.hasOwn(ROUTES, target.path)
    ? ROUTES[target.path]
    : undefined;
  if (route === undefined) {
    return {
      status: 404,
      code: "not_found",
      detail: "Cannot answer: there is nothing at this path",
    };
  }
  if (!route.methods.includes(method)) {
    return {
      status: 405,
      code: "method_not_allowed",
      detail: `Cannot answer: the method must be ${route.methods.join(" or ")}`,
      headers: { allow: route.methods.join(", ") },
    };
  }
  const unknown = [...target.query.keys()]
    .find((name) => !route.query.includes(name));
  return unknown === undefined
    ? target
    : problemOf(wrong(`there is no parameter "${unknown}"`), []);
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (/^\d{1,8}$/.test(text) && seconds <= LONGEST_VALID) return seconds;
  throw wrong("min_valid is not a whole number of seconds up to a year");
}

/** Finds the token in a body: alone, or in the header that carried it. */
function tokenIn(body: string): string {
  const [, token] =
    /^(?:Authorization:\s*)?(?:Bearer\s+)?([\x21-\x7e]{1,16384})$/i
      .exec(body.trim()) ?? [];
  if (token !== undefined) return token;
  throw wrong("the body holds no access token");
}

function wrong(why: string): TdauthError {
  return new TdauthError("invalid_options", `Cannot answer: ${why}`, {
    hint: "ask as docs/serve.md says",
  });
}

/** A token as JSON: as `tdauth token --json` prints it, and whose it is. */
function tokenAnswer(
  { accessToken, provider, apiOrigin }: KeptToken,
): Record<string, unknown> {
  const { token, expiry, remaining, accessTime } = accessToken;
  return {
    access_token: token,
    token_type: "Bearer",
    expires_at: Number.isFinite(expiry) ? expiry : null,
    expires_in: Number.isFinite(remaining) ? Math.floor(remaining) : null,
    issued_at: accessTime,
    provider,
    ...(apiOrigin !== undefined && { api_origin: apiOrigin }),
  };
}
