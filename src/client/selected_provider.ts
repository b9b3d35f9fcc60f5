import { TdauthError } from "../base/errors.ts";
import { checkProvider } from "../providers/check_provider.ts";
import type { Provider } from "../providers/provider.ts";
import { PRESETS } from "../providers/presets.ts";
import type { Settings } from "../settings/settings.ts";
import { reservedIn } from "../settings/parse_setting.ts";
import { PROFILE_NAMES } from "../settings/setting_values.ts";
import {
  composedProvider,
  type ProviderSettings,
} from "./composed_provider.ts";
import {
  type ConfiguredProvider,
  configuredProvider,
  type NamingSettings,
  type WrongProvider,
} from "./configured_provider.ts";

/** A provider that may still have to be discovered: one that settings name, or a caller's own. */
export interface SelectedProvider extends ConfiguredProvider {
  /** Returns the provider itself; the first call may send requests. */
  readonly get: () => Promise<Provider>;
}

/**
 * Finds the provider that the settings name, changed as they say.
 *
 * @param settings The settings.
 * @param fetcher The `fetch` for discovery.
 * @returns The provider; nothing has been sent yet.
 * @throws {TdauthError} `invalid_options` when the name or the practice broker's URL is
 * not one, or one of the endpoints is missing.
 */
export function providerByName(
  settings: NamingSettings & ProviderSettings,
  fetcher?: typeof fetch,
): SelectedProvider {
  const named = configuredProvider(settings);
  if (typeof named === "string") throw wrongProvider(named, settings);
  const compose = (provider: Provider): Provider => {
    const atSandbox = settings.sandbox !== undefined &&
      named.preset !== undefined;
    return {
      ...composedProvider(provider, settings, atSandbox),
      id: named.id,
    };
  };
  if (named.known !== undefined) {
    const known = compose(named.known);
    return { ...named, known, get: () => Promise.resolve(known) };
  }
  const { scope, clientAuthentication, userAgent } = settings;
  let found: Promise<Provider> | undefined;
  return {
    ...named,
    get: async () => {
      const { discover } = await import("../oauth/discovered.ts");
      found ??= discover(named.key, {
        ...(scope !== undefined && { scope }),
        ...(clientAuthentication !== undefined && { clientAuthentication }),
        ...(userAgent !== undefined && { userAgent }),
        ...(fetcher && { fetch: fetcher }),
      }).then(compose);
      try {
        return await found;
      } catch (error) {
        found = undefined; // the next call tries again
        throw error;
      }
    },
  };
}

/**
 * Selects a provider that is given as an object. Of the settings of a provider
 * those of the same call change it: all others are about the one that the profile
 * names.
 *
 * @param given The provider.
 * @param settings The settings.
 * @returns The provider.
 */
export function givenProvider(
  given: Provider,
  settings: Settings,
): SelectedProvider {
  const called = Object.fromEntries(
    PROFILE_NAMES.filter((name) =>
      name === "scope" || settings.sources[name] === "call"
    ).map((name): readonly unknown[] => [name, settings[name]]),
  );
  checkProvider(given);
  for (const name of PARAMETERS) {
    const reserved = reservedIn(name, given[name] ?? {});
    if (reserved !== undefined) throw reservedParameter(name, reserved);
  }
  const known = composedProvider(given, called);
  return {
    id: given.id,
    key: given.id,
    name: known.name,
    known,
    get: () => Promise.resolve(known),
  };
}

/** The parameters of a provider that settings check on their own. */
const PARAMETERS = [
  "authorizationParameters",
  "exchangeParameters",
  "refreshParameters",
] as const;

function reservedParameter(field: string, name: string): TdauthError {
  return new TdauthError(
    "invalid_options",
    `Cannot use this provider: its ${field} set ${name}, which the protocol sets itself`,
    { hint: `remove ${name}` },
  );
}

function wrongProvider(
  wrong: WrongProvider,
  { sandbox, provider = "" }: Pick<Settings, "provider" | "sandbox">,
): TdauthError {
  switch (wrong) {
    case "sandbox":
      return new TdauthError(
        "invalid_options",
        `Cannot use "${sandbox}" as the practice broker: it is not a URL on this machine`,
        {
          hint: { text: "the URL to use is printed by", command: ["sandbox"] },
        },
      );
    case "name":
      return new TdauthError(
        "invalid_options",
        `Cannot use "${provider}" as the provider: there is none of that name`,
        {
          hint: `use ${
            PRESETS.map(({ key }) => `"${key}"`).join(", ")
          } or the URL of an OAuth 2.0 issuer, or set --authorization-endpoint and --token-endpoint`,
        },
      );
    case "endpoints":
      return new TdauthError(
        "invalid_options",
        `Cannot use "${provider}" as the provider: it needs both an authorization endpoint and a token endpoint`,
        {
          hint:
            "set --authorization-endpoint and --token-endpoint (TD_AUTHORIZATION_ENDPOINT, TD_TOKEN_ENDPOINT)",
        },
      );
    case "issuer":
      return new TdauthError(
        "invalid_options",
        `Cannot use "${provider}" as the provider: an issuer's URL must start with https://`,
        {
          hint:
            "plain http is allowed only for an issuer on this machine (127.0.0.1, [::1], localhost)",
        },
      );
  }
}
