import { providerByName } from "../../../client/selected_provider.ts";
import { TdauthError } from "../../../base/errors.ts";
import { isEndpoint, isLoopback } from "../../../base/loopback.ts";
import { shown } from "../../../base/shown.ts";
import type { HintInput } from "../../../base/hint.ts";
import {
  type CallbackUrl,
  checkCallbackUrl,
} from "../../../login/callback_url.ts";
import { PRESETS } from "../../../providers/presets.ts";
import type { Settings } from "../../../settings/settings.ts";
import type { RemoteEventOf } from "./remote_event.ts";

/** A login that another machine has begun, as far as this one has checked it. */
export interface KnownLogin {
  /** The provider's page, and the state that its redirect must carry. */
  readonly request: { readonly url: string; readonly state: string };
  /** The callback URL, as it was sent. */
  readonly callbackUrl: string;
  /** What the callback URL requires. */
  readonly callback: CallbackUrl;
  /** Whether the provider posts the redirect as a form. */
  readonly formPost: boolean;
}

/**
 * Checks a login that another machine has begun, before its page is shown: the
 * page must be the provider's as it is known here, and the redirect must come to
 * this machine.
 *
 * @param ready What the other machine said.
 * @param settings The settings here, which may name the provider; where they do
 * not, it is one of the presets.
 * @param options The other machine, and the `fetch` for an issuer's metadata.
 * @returns The login.
 * @throws {TdauthError} `invalid_options` when it is not known here; as discovery.
 */
export async function knownLogin(
  { authorization_url, callback_url }: RemoteEventOf<"ready">,
  settings: Settings,
  { place, fetch }: {
    readonly place: string;
    readonly fetch: typeof globalThis.fetch;
  },
): Promise<KnownLogin> {
  const refuse = (why: string, hint: HintInput) => {
    throw new TdauthError(
      "invalid_options",
      `Cannot log in on ${place}: ${why}`,
      { hint },
    );
  };
  const url = isEndpoint(authorization_url)
    ? new URL(authorization_url)
    : refuse("its authorization URL is not an https URL", STRANGE);
  const known = await knownOrigins(settings, fetch);
  if (!known.origins.includes(url.origin)) {
    refuse(
      `its authorization URL is at ${url.origin}, which is not ${known.whose}`,
      isLoopback(url)
        ? `if that is a practice broker of yours: --sandbox ${url.origin}`
        : "if you know that site: name the provider with --provider, or its page with --authorization-endpoint",
    );
  }
  const query = url.searchParams;
  const state = query.get("state") ?? "";
  if (
    state === "" || query.get("response_type") !== "code" ||
    query.get("redirect_uri") !== callback_url ||
    [...query.keys()].some((name) => query.getAll(name).length > 1)
  ) refuse("its authorization URL is not one of a login with a code", STRANGE);
  const callback = shown(callback_url) === callback_url
    ? checkCallbackUrl(callback_url)
    : refuse("its callback URL has control characters", STRANGE);
  if (callback.hosts.length === 0) {
    refuse(
      `its callback URL ${callback_url} does not lead to this machine`,
      `log in on ${place} in two steps (login --begin)`,
    );
  }
  return {
    request: { url: url.href, state },
    callbackUrl: callback_url,
    callback,
    formPost: query.get("response_mode") === "form_post",
  };
}

const STRANGE = "see what runs there as tdauth";

/** The origins of the pages that a login may show here, and whose they are. */
async function knownOrigins(
  settings: Settings,
  fetch: typeof globalThis.fetch,
): Promise<{ readonly origins: readonly string[]; readonly whose: string }> {
  const { authorizationEndpoint, provider, sandbox } = settings;
  if (authorizationEndpoint !== undefined) {
    const { origin } = new URL(authorizationEndpoint);
    return { origins: [origin], whose: `${origin}, as the settings here say` };
  }
  if (provider === undefined && sandbox === undefined) {
    const origins = PRESETS.map((preset) =>
      new URL(preset.provider().authorizationEndpoint).origin
    );
    return { origins, whose: "a provider's that is known here" };
  }
  const { name, authorizationEndpoint: page } = await providerByName(
    settings,
    fetch,
  ).get();
  const { origin } = new URL(page);
  return { origins: [origin], whose: `${name}'s (${origin})` };
}
