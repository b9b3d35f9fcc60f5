import { TdauthError } from "../base/errors.ts";
import type { Authorization } from "./authorization.ts";
import { aboutProfile, authorizationOf } from "./authorize.ts";
import type { AuthorizeOptions } from "./authorize_options.ts";
import { prepare } from "./context.ts";
import {
  begin,
  type BegunLogin,
  finish,
  pendingLoginOf,
  redirectOf,
} from "./two_step_login.ts";

/**
 * Begins a login whose redirect comes back some other way than to this machine: a
 * notebook's next cell, a message to a bot, a phone. Show the user the URL;
 * {@linkcode finishLogin} takes the address at which their browser ended, in this
 * program or a later one, within ten minutes. There is one such login for each
 * profile, and the newest counts.
 *
 * What is needed to finish it is stored with the tokens, sealed where they are.
 *
 * @param options As those of {@linkcode authorize}.
 * @returns The URL for the user's browser, and until when the login can be finished.
 * @throws {TdauthError} `invalid_options` when a setting is wrong or missing;
 * `cache_unreadable` and the like when tokens could not be stored; `busy`.
 *
 * @example Log in in two steps
 * ```ts
 * import { beginLogin, finishLogin, MemCache } from "@tdauth/tdauth";
 * import { startSandbox } from "@tdauth/tdauth/sandbox";
 * import assert from "node:assert/strict";
 *
 * await using sandbox = await startSandbox({ broker: "tdameritrade" });
 * const options = { ...sandbox.app, sandbox: sandbox.url, cache: new MemCache() };
 *
 * const { authorizationUrl, callbackUrl } = await beginLogin(options);
 * assert.ok(authorizationUrl.startsWith(sandbox.url));
 * assert.equal(callbackUrl, sandbox.app.callbackUrl);
 *
 * const address = await sandbox.approveAndCopy(authorizationUrl); // the user's part
 * const td = await finishLogin(address, options);
 * assert.equal(td.accessToken.valid, true);
 * ```
 */
export async function beginLogin(
  options: AuthorizeOptions = {},
): Promise<BegunLogin> {
  const context = await prepare(options);
  return await aboutProfile(context, () => begin(context));
}

/**
 * Finishes the login that {@linkcode beginLogin} or `tdauth login --begin` began.
 * An address that is wrong uses nothing up; the right one can be used once.
 *
 * @param redirect The address at which the user's browser ended, as it was pasted.
 * @param options As those of {@linkcode authorize}, the same as at the beginning.
 * @returns The authorization; its tokens are stored.
 * @throws {TdauthError} `login_failed` when no login was begun, ten minutes have
 * passed, it has been finished, or the address is not its redirect; `login_denied`,
 * `invalid_client`, `broker_unavailable`, `unexpected_answer`; as the cache.
 *
 * @example
 * ```ts ignore
 * import { finishLogin } from "@tdauth/tdauth";
 *
 * const td = await finishLogin(prompt("The address of the page that does not load?") ?? "");
 * ```
 */
export async function finishLogin(
  redirect: string | URL,
  options: AuthorizeOptions = {},
): Promise<Authorization> {
  const context = await prepare(options);
  return await aboutProfile(context, async () => {
    const pending = await pendingLoginOf(context);
    const found = await redirectOf(pending, String(redirect));
    if (typeof found === "string") {
      throw new TdauthError(
        "login_failed",
        `Cannot finish the login: ${found}`,
        {
          hint:
            "pass the whole address at which the browser ended; the login can still be finished",
        },
      );
    }
    return authorizationOf(context, await finish(context, pending, found));
  });
}
