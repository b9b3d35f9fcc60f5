import { TdauthError } from "../base/errors.ts";
import { type App, checkClient } from "../oauth/client.ts";
import type { Provider } from "../providers/provider.ts";
import { type CallbackUrl, checkCallbackUrl } from "./callback_url.ts";

/**
 * Refuses a login with a browser that cannot succeed, before the user logs in for
 * nothing.
 *
 * @param provider The provider.
 * @param app The app.
 * @param callbackUrl The callback URL.
 * @returns What the callback URL requires.
 * @throws {TdauthError} `invalid_options`.
 */
export function checkLogin(
  provider: Provider,
  app: App,
  callbackUrl: string,
): CallbackUrl {
  if (provider.closed !== undefined) {
    throw new TdauthError(
      "invalid_options",
      `Cannot log in to ${provider.name}: ${provider.closed.why}`,
      { hint: provider.closed.hint },
    );
  }
  checkClient(provider, app);
  return checkCallbackUrl(callbackUrl, provider);
}
