import { type Answer, type Context, json, repeated } from "./context.ts";
import type { HttpRequest } from "./http_server.ts";
import type { Grant, Login } from "./ledger.ts";
import { base64Url, randomText } from "./random.ts";
import { clientIsWrong } from "./client_is_wrong.ts";

/** Schwab's `client_credentials` tokens live one hour, as users observed. */
const CLIENT_TOKEN_LIFETIME = 3600;

/** The token endpoint: exchanges codes and refresh tokens for access tokens. */
export async function tokenEndpoint(
  context: Context,
  request: HttpRequest,
): Promise<Answer> {
  const form = new URLSearchParams(request.body);
  return { ...await answer(context, request, form), ...grantType(form) };
}

function grantType(form: URLSearchParams): Pick<Answer, "grantType"> {
  const type = form.get("grant_type");
  switch (type) {
    case null:
      return {};
    case "authorization_code":
    case "refresh_token":
    case "client_credentials":
      return { grantType: type };
    default:
      return { grantType: "other" };
  }
}

async function answer(
  context: Context,
  request: HttpRequest,
  form: URLSearchParams,
): Promise<Answer> {
  if (request.method !== "POST") {
    return json(405, { error: "invalid_request" }, "the method is not POST", {
      allow: "POST",
    });
  }
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    return invalidRequest(
      "the body is not application/x-www-form-urlencoded",
    );
  }
  const twice = repeated(form);
  if (twice !== undefined) {
    return invalidRequest(`${twice.slice(0, 40)} is repeated`);
  }
  if (context.rules.appStatus === "pending") {
    // Users report this word for an app that is not ready; the rest is a guess.
    return json(
      401,
      { error: "assertion_rejected", error_description: "Session rejected" },
      'the app is not yet "Ready For Use"',
    );
  }
  const wrong = clientIsWrong(context, request.headers, form);
  if (wrong !== undefined) {
    return json(
      401,
      { error: "invalid_client", error_description: "Unauthorized" },
      wrong,
    );
  }
  switch (form.get("grant_type")) {
    case "authorization_code":
      return exchange(context, form);
    case "refresh_token":
      return await refresh(context, form);
    case "client_credentials":
      if (context.rules.broker === "schwab") {
        return json(200, {
          expires_in: CLIENT_TOKEN_LIFETIME,
          token_type: "Bearer",
          scope: context.preset.scope,
          access_token:
            context.ledger.newAccessToken(CLIENT_TOKEN_LIFETIME).value,
        });
      }
  }
  return json(
    400,
    { error: "unsupported_grant_type" },
    "the grant_type is missing or not supported",
  );
}

function invalidRequest(reason: string): Answer {
  return json(
    400,
    { error: "invalid_request", error_description: reason },
    reason,
  );
}

function exchange(context: Context, form: URLSearchParams): Answer {
  const { ledger, rules, app } = context;
  const value = form.get("code") ?? "";
  const code = ledger.code(value);
  const dead = ledger.whyDead(code, "code") ??
    (form.get("redirect_uri") === app.callbackUrl
      ? undefined
      : "redirect_uri does not match the authorization request");
  if (code?.login === undefined || dead !== undefined) {
    const found = ledger.code(value.replaceAll(" ", "+")) ??
      ledger.code(decoded(value));
    return badCode(
      context,
      code === undefined && found !== undefined
        ? "the code was decoded too often or not at all: exactly once is right"
        : dead ?? "",
    );
  }
  code.dead = "it has been exchanged";
  const offline = form.get("access_type") === "offline";
  if (rules.broker === "tdameritrade" && !offline) {
    // TD Ameritrade's documentation: access_type=offline "to receive a refresh token".
    return json(200, tokens(context, code.login));
  }
  if (rules.broker === "schwab") {
    // Observed by clients' users. That access tokens stay valid is a guess.
    ledger.killRefreshTokens("the user has logged in again since");
  }
  return json(
    200,
    tokens(
      context,
      code.login,
      ledger.newRefreshToken(code.login, refreshExpiry(context, code.login)),
    ),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function refresh(
  context: Context,
  form: URLSearchParams,
): Promise<Answer> {
  const { ledger, rules } = context;
  const value = form.get("refresh_token") ?? "";
  const old = ledger.refreshToken(value);
  const dead = ledger.whyDead(old, "refresh token");
  if (old?.login === undefined || dead !== undefined) {
    if (rules.rotation === "kill" && old?.login && old.dead === ROTATED) {
      old.login.dead ??= "an old refresh token was used again";
    }
    return await deadRefreshToken(context, value, dead ?? "");
  }
  const { login } = old;
  const schwab = rules.broker === "schwab";
  if (!schwab && form.get("access_type") !== "offline") {
    return json(200, tokens(context, login));
  }
  const rotates = rules.rotation !== "none";
  if (rotates) old.dead = ROTATED;
  const fresh = schwab && !rotates
    ? old
    : ledger.newRefreshToken(login, refreshExpiry(context, login));
  return json(200, tokens(context, login, fresh));
}

const ROTATED = "a newer one replaced it";

/** In milliseconds: Schwab counts from the login, whatever is refreshed. */
function refreshExpiry({ rules, now }: Context, login: Login): number {
  const from = rules.broker === "schwab" ? login.time : now();
  return from + rules.refreshTokenLifetime * 1000;
}

function tokens(
  context: Context,
  login: Login,
  refreshToken?: Grant,
): Record<string, unknown> {
  const { ledger, rules, preset, now } = context;
  const common = {
    token_type: "Bearer",
    scope: preset.scope,
    expires_in: rules.accessTokenLifetime,
    access_token: ledger.newAccessToken(rules.accessTokenLifetime, login).value,
    ...(refreshToken && { refresh_token: refreshToken.value }),
  };
  if (rules.broker === "schwab") {
    return { ...common, id_token: idToken(context) };
  }
  return {
    ...common,
    ...(refreshToken && {
      refresh_token_expires_in: Math.round(
        (refreshToken.expires - now()) / 1000,
      ),
    }),
  };
}

/** Makes what looks like a JWT; its signature is random, so clients must not rely on it. */
function idToken({ rules, clientId, now }: Context): string {
  const time = Math.floor(now() / 1000);
  return [
    base64Url(JSON.stringify({ alg: "RS256", typ: "JWT" })),
    base64Url(JSON.stringify({
      iss: "https://oauth.sandbox.invalid",
      sub: "practice",
      aud: encodeURIComponent(clientId),
      iat: time,
      exp: time + rules.accessTokenLifetime,
    })),
    randomText(256),
  ].join(".");
}

function badCode({ rules }: Context, reason: string): Answer {
  // RFC 6749 §5.2. Schwab's own message is unknown: a guess.
  return json(
    400,
    rules.broker === "schwab"
      ? {
        error: "invalid_grant",
        error_description: "Bad authorization code",
      }
      : { error: "invalid_grant" },
    reason,
  );
}

async function deadRefreshToken(
  { rules }: Context,
  value: string,
  reason: string,
): Promise<Answer> {
  if (rules.broker === "tdameritrade") {
    return json(400, { error: "invalid_grant" }, reason);
  }
  if (rules.deadRefreshToken === "invalid_client") {
    // The message is observed by clients' users; the status is a guess.
    return json(401, {
      error: "invalid_client",
      error_description: "refresh token invalid",
    }, reason);
  }
  const digest = btoa(String.fromCharCode(
    ...new Uint8Array(
      await crypto.subtle.digest("SHA-256", new TextEncoder().encode(value)),
    ),
  ));
  const inner =
    `{"error_description":"Exception while authenticating refresh token [tokenDigest=${digest}, Exception=Failed refresh token authentication [tokenDigest=${digest}]]","error":"refresh_token_authentication_error"}`;
  // Exactly as observed by clients' users: an object in a sentence in quotes.
  return json(400, {
    error: "unsupported_token_type",
    error_description: `400 Bad Request: "${inner}"`,
  }, reason);
}
