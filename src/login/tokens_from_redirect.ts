import type { Log } from "../base/log.ts";
import type { App } from "../oauth/client.ts";
import type { AuthorizationRequest } from "../oauth/authorization_request.ts";
import { exchangeCode, type ProtocolOptions } from "../oauth/protocol.ts";
import { tokensFromGrant } from "../oauth/tokens_from_grant.ts";
import type { Provider } from "../providers/provider.ts";
import type { Tokens } from "../token/token.ts";

/** A login whose redirect has come. */
export interface Redirected extends ProtocolOptions {
  /** The provider. */
  readonly provider: Provider;
  /** The app. */
  readonly app: App;
  /** The callback URL, as it was sent. */
  readonly callbackUrl: string;
  /** What started the login. */
  readonly request: Omit<AuthorizationRequest, "url">;
  /** The redirect's parameters, which have passed the checks. */
  readonly redirect: URLSearchParams;
  /** Stores the tokens: only then the login has succeeded. */
  readonly store: (tokens: Tokens) => Promise<void>;
  /** Hears that the code was used: from then on the tokens are all there is of the login. */
  readonly onExchanged?: () => void;
  /** Hears of what is odd about the tokens. */
  readonly log: Log;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Ends a login with a browser, wherever its redirect came to: exchanges the code,
 * once, and stores the tokens. The callback server's login, one in two steps, one
 * for another machine and a web application's all end here.
 *
 * @param redirected The login and its redirect.
 * @returns The tokens, which are stored.
 * @throws {TdauthError} As the exchange, and as `store`.
 */
export async function tokensFromRedirect(
  redirected: Redirected,
): Promise<Tokens> {
  const { provider, app, callbackUrl, request, redirect, now, log } =
    redirected;
  const askedAt = now();
  const grant = await exchangeCode(
    provider,
    app,
    callbackUrl,
    request,
    redirect,
    redirected,
  );
  redirected.onExchanged?.();
  const { consumerKey } = app;
  const tokens = tokensFromGrant(provider, grant, {
    askedAt,
    consumerKey,
    now,
    log,
  });
  await redirected.store(tokens);
  return tokens;
}
