/** A small OAuth client by plain fetch, which knows nothing of tdauth's own. */

import { type Sandbox, startSandbox } from "@tdauth/tdauth/sandbox";
import assert from "node:assert/strict";

/** What the token endpoint answered. */
export interface TokenAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

/** The URL that a client would open; a parameter that is undefined is left out. */
export function authorizationUrl(
  broker: Sandbox,
  changes: Record<string, string | undefined> = {},
): string {
  const parameters = {
    response_type: "code",
    client_id: broker.app.consumerKey,
    redirect_uri: broker.app.callbackUrl,
    state: "a state & more",
    ...changes,
  };
  const url = new URL(broker.authorizationEndpoint);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

/** Raw Basic, as Schwab wants it. */
export function basic(key: string, secret = ""): string {
  return `Basic ${btoa(`${key}:${secret}`)}`;
}

/** Posts a form to the token endpoint, authenticated as the broker wants it. */
export async function ask(
  broker: Sandbox,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const schwab = broker.broker === "schwab";
  const response = await fetch(broker.tokenEndpoint, {
    method: "POST",
    headers: schwab
      ? {
        authorization: basic(broker.app.consumerKey, broker.app.consumerSecret),
        ...headers,
      }
      : headers,
    body: new URLSearchParams(
      schwab ? form : { client_id: broker.app.consumerKey, ...form },
    ),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: await response.json(),
  };
}

/** The code that a login in the scripted browser gives. */
export async function newCode(broker: Sandbox): Promise<string> {
  const address = new URL(
    await broker.approveAndCopy(authorizationUrl(broker)),
  );
  return address.searchParams.get("code") ?? "";
}

/** Exchanges a code. */
export function exchange(
  broker: Sandbox,
  code: string,
  changes: Record<string, string> = {},
): Promise<TokenAnswer> {
  return ask(broker, {
    grant_type: "authorization_code",
    code,
    redirect_uri: broker.app.callbackUrl,
    ...(broker.broker === "tdameritrade" && { access_type: "offline" }),
    ...changes,
  });
}

/** Refreshes. */
export function refresh(
  broker: Sandbox,
  refreshToken: unknown,
  changes: Record<string, string> = {},
): Promise<TokenAnswer> {
  return ask(broker, {
    grant_type: "refresh_token",
    refresh_token: String(refreshToken),
    ...changes,
  });
}

/** A whole login. */
export async function logIn(
  broker: Sandbox,
): Promise<{ access_token: string; refresh_token: string }> {
  const { status, body } = await exchange(broker, await newCode(broker));
  assert.equal(status, 200);
  return {
    access_token: String(body["access_token"]),
    refresh_token: String(body["refresh_token"]),
  };
}

/** A GET of the API. */
export function api(
  broker: Sandbox,
  path: string,
  accessToken: unknown,
): Promise<Response> {
  return fetch(broker.url + path, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
}

/** The quotes of either broker. */
export function quotes(
  broker: Sandbox,
  accessToken: unknown,
): Promise<Response> {
  return api(
    broker,
    broker.broker === "schwab"
      ? "/marketdata/v1/quotes?symbols=AAPL,MSFT"
      : "/v1/marketdata/quotes?symbol=AAPL,MSFT",
    accessToken,
  );
}

/** Why the last request was refused, as the log says. */
export function lastReason(broker: Sandbox): string | undefined {
  return broker.requests.at(-1)?.reason;
}

export { startSandbox };
