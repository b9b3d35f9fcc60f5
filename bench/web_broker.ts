import type { Provider } from "../mod.ts";
import { type Sandbox, startSandbox } from "../src/sandbox/mod.ts";
import { pooled } from "../tests/cache/redis/many_users.ts";

/** The practice broker of a web application: it rotates refresh tokens, and ends the login on reuse. */
export interface Broker extends AsyncDisposable {
  /** How an application reaches it. */
  readonly provider: Provider;
  /** The app's client id. */
  readonly consumerKey: string;
  /** Its port. */
  readonly port: number;
  /** Logs in some users; returns their refresh tokens. */
  logIn(users: number): Promise<string[]>;
  /** A refresh, as it is sent: the floor for one. */
  refreshRequest(refreshToken: string): string;
  /** How many refresh tokens are alive at the broker, by its own count. */
  alive(): Promise<number>;
}

const CALLBACK_URL = "http://localhost:8000/callback";
/** This broker rotates only on request. */
const OFFLINE = { access_type: "offline" };
/** How many users log in at once. */
const AT_ONCE = 8;

/** Starts it. */
export async function startBroker(): Promise<Broker> {
  const sandbox = await startSandbox({
    broker: "tdameritrade",
    rotation: "kill",
    callbackUrl: CALLBACK_URL,
  });
  const { authorizationEndpoint, tokenEndpoint, app, url } = sandbox;
  return {
    provider: {
      id: "bench",
      name: "Bench Securities",
      authorizationEndpoint,
      tokenEndpoint,
      clientAuthentication: "none",
      pkce: false,
      exchangeParameters: OFFLINE,
      renewal: { parameters: OFFLINE },
    },
    consumerKey: app.consumerKey,
    port: Number(new URL(url).port),
    async logIn(users) {
      const tokens: string[] = [];
      await pooled(users, AT_ONCE, async (user) => {
        tokens[user] = await oneLogin(sandbox);
      });
      return tokens;
    },
    refreshRequest: (refreshToken) => refreshRequest(sandbox, refreshToken),
    async alive() {
      const page = await (await fetch(url)).text();
      return Number(/(\d+) refresh tokens?\b/.exec(page)?.[1]);
    },
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
      ...OFFLINE,
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
    ...OFFLINE,
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
