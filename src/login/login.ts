import { TdauthError } from "../base/errors.ts";
import { authorizationRequest } from "../oauth/protocol.ts";
import { loginDue, type Tokens } from "../token/token.ts";
import { browserLogin } from "./browser_login.ts";
import { checkLogin } from "./check_login.ts";
import type { CallbackPage } from "./callback_page.ts";
import type { LoginOptions } from "./login_options.ts";
import { maskKey } from "./mask_key.ts";
import { shownEnd } from "./shown_end.ts";
import { type Redirected, tokensFromRedirect } from "./tokens_from_redirect.ts";

/**
 * Lets the user log in at the broker's page in a browser and gets the first
 * tokens (RFC 6749 §4.1, RFC 8252). The redirect comes to the callback server
 * or is pasted, whichever comes first.
 *
 * @param options The provider, the app and the edges.
 * @returns The tokens, which `store` has stored.
 * @throws {TdauthError} `login_denied`, `login_timeout`, `login_cancelled`, `login_failed`,
 * `invalid_options`, `invalid_client`, `port_in_use`, `port_forbidden`, `certificate_failed`,
 * `broker_unavailable` or `unexpected_answer`.
 */
export async function login(options: LoginOptions): Promise<Tokens> {
  try {
    return await loginOnce(options);
  } catch (error) {
    if (error instanceof TdauthError) {
      options.onEvent({ type: "failed", error });
    }
    throw error;
  }
}

async function loginOnce(options: LoginOptions): Promise<Tokens> {
  const { provider, app, callbackUrl } = options;
  const callback = checkLogin(provider, app, callbackUrl);
  const request = await authorizationRequest(provider, app, callbackUrl);
  return await browserLogin({
    ...options,
    name: provider.name,
    request,
    callback,
    formPost: provider.responseMode === "form_post",
    finish: (redirect, signal, show) =>
      complete(options, { request, redirect, signal }, show),
  });
}

/** Exchanges the code, stores the tokens, and shows the result in the user's browser. */
async function complete(
  options: LoginOptions,
  redirected: Pick<Redirected, "request" | "redirect"> & {
    readonly signal: AbortSignal;
  },
  show: (page: CallbackPage) => Promise<void>,
): Promise<Tokens> {
  const { provider, app, now, called, onEvent } = options;
  const { profile } = options;
  return await shownEnd(
    {
      about: { broker: provider.name, app: maskKey(app.consumerKey) },
      show,
      now,
      hintText: (hint) => hint.forProfile(profile).format(called()),
    },
    async () => {
      const tokens = await tokensFromRedirect({ ...options, ...redirected });
      onEvent({ type: "done" });
      return tokens;
    },
    (tokens) => ({ profile, due: loginDue(tokens) }),
  );
}
