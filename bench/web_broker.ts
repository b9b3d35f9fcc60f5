import type { Provider } from "../mod.ts";
import { type Sandbox, startSandbox } from "../src/sandbox/mod.ts";

/** The practice broker of a web application, with one login made. */
export interface Broker extends AsyncDisposable {
  /** How an application reaches it. */
  readonly provider: Provider;
  /** The app's client id. */
  readonly consumerKey: string;
  /** Its port. */
  readonly port: number;
  /** The login's refresh token, which this broker does not change: all sessions have it. */
  readonly refreshToken: string;
  /** A request for a new access token, as it is sent: the floor for a refresh. */
  readonly refreshRequest: string;
}

const CALLBACK_URL = "http://localhost:8000/callback";

/** Starts it. */
export async function startBroker(): Promise<Broker> {
  const sandbox = await startSandbox({
    broker: "tdameritrade",
    callbackUrl: CALLBACK_URL,
  });
  const { authorizationEndpoint, tokenEndpoint, app, url } = sandbox;
  const refreshToken = await oneLogin(sandbox);
  return {
    provider: {
      id: "bench",
      name: "Bench Securities",
      authorizationEndpoint,
      tokenEndpoint,
      clientAuthentication: "none",
      pkce: false,
    },
    consumerKey: app.consumerKey,
    port: Number(new URL(url).port),
    refreshToken,
    refreshRequest: refreshRequest(sandbox, refreshToken),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

async function oneLogin(sandbox: Sandbox): Promise<string> {
  const { consumerKey } = sandbox.app;
  const url = new URL(sandbox.authorizationEndpoint);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: consumerKey,
    redirect_uri: CALLBACK_URL,
    state: "bench",
  }).toString();
  const redirect = new URL(await sandbox.approveAndCopy(url.href));
  const response = await fetch(sandbox.tokenEndpoint, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      access_type: "offline",
      client_id: consumerKey,
      redirect_uri: CALLBACK_URL,
      code: redirect.searchParams.get("code") ?? "",
    }),
  });
  return (await response.json()).refresh_token;
}

function refreshRequest(sandbox: Sandbox, refreshToken: string): string {
  const body = new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: refreshToken,
    client_id: sandbox.app.consumerKey,
  }).toString();
  const { pathname, host } = new URL(sandbox.tokenEndpoint);
  return [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    "content-type: application/x-www-form-urlencoded",
    `content-length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}
