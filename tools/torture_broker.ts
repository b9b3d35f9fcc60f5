/** Requests to the broker without the program under test. */
import type { Tokens } from "../mod.ts";
import type { Sandbox } from "../src/sandbox/mod.ts";

/** The effect of a refresh on the refresh token at the broker. */
export type Rotation = "none" | "rotate" | "kill";

/**
 * Checks whether the broker rotated, and sends the login's first refresh token
 * after many refreshes: it must be valid, dead, or end the login.
 *
 * @param broker The broker.
 * @param said Its specified behavior, the first refresh token, and the currently stored tokens.
 * @returns The deviation; `undefined` if there is none.
 */
export async function wrongBroker(
  broker: Sandbox,
  said: {
    readonly rotation: Rotation;
    readonly first: string;
    readonly stored: Tokens;
  },
): Promise<string | undefined> {
  const { rotation, first, stored } = said;
  const rotated = stored.refreshToken.token !== first;
  const { status } = await grant(broker, {
    grant_type: "refresh_token",
    refresh_token: first,
  });
  const refused = status === 400;
  const killed = !await takes(broker, String(stored.accessToken));
  const right = rotated === (rotation !== "none") && refused === rotated &&
    killed === (rotation === "kill");
  return right
    ? undefined
    : `rotated: ${rotated}, the first one refused: ${refused}, the login killed: ${killed}`;
}

/** Logs in without the program under test, which finds the broker at a URL; returns its tokens. */
export async function logIn(
  broker: Sandbox,
  configDir: string,
  url = broker.url,
): Promise<{ readonly access_token: string; readonly refresh_token: string }> {
  const { consumerKey, callbackUrl } = broker.app;
  const page = new URL(broker.authorizationEndpoint);
  page.search = new URLSearchParams({
    response_type: "code",
    client_id: consumerKey,
    redirect_uri: callbackUrl,
  }).toString();
  const redirect = new URL(await broker.approveAndCopy(page.href));
  const { body: { access_token, refresh_token, expires_in } } = await grant(
    broker,
    {
      grant_type: "authorization_code",
      code: redirect.searchParams.get("code") ?? "",
      redirect_uri: callbackUrl,
    },
  );
  const access_time = Math.floor(Date.now() / 1000);
  Deno.chmodSync(configDir, 0o700);
  Deno.writeTextFileSync(
    `${configDir}/${consumerKey}`,
    JSON.stringify({
      access_token: { token: access_token, access_time, expires_in },
      refresh_token: { token: refresh_token, access_time, expires_in: 604_800 },
      version: 1,
      provider: `schwab@${new URL(url).host}`,
      consumer_key: consumerKey,
      login_time: access_time,
    }),
    { mode: 0o600 },
  );
  return { access_token, refresh_token };
}

/** Calls the token endpoint, without the program under test. */
async function grant(
  { app: { consumerKey, consumerSecret }, tokenEndpoint }: Sandbox,
  parameters: Record<string, string>,
) {
  const response = await fetch(tokenEndpoint, {
    method: "POST",
    headers: {
      authorization: `Basic ${btoa(`${consumerKey}:${consumerSecret}`)}`,
    },
    body: new URLSearchParams(parameters),
  });
  return { status: response.status, body: await response.json() };
}

/** Whether the API accepts an access token. */
export async function takes(broker: Sandbox, token: string): Promise<boolean> {
  const response = await fetch(
    `${broker.url}/trader/v1/accounts/accountNumbers`,
    { headers: { authorization: `Bearer ${token}` } },
  );
  await response.body?.cancel();
  return response.status === 200;
}
