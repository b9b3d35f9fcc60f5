import { TdauthError } from "../base/errors.ts";
import type { Provider } from "../providers/provider.ts";
import { PRESETS } from "../providers/presets.ts";
import type { Settings } from "../settings/settings.ts";
import {
  type ConfiguredProvider,
  configuredProvider,
  type WrongProvider,
} from "./configured_provider.ts";

/** A provider that may still have to be discovered: one that settings name, or a caller's own. */
export interface SelectedProvider extends ConfiguredProvider {
  /** Returns the provider itself; the first call may send requests. */
  readonly get: () => Promise<Provider>;
}

/**
 * Finds the provider that the settings name.
 *
 * @param settings The settings.
 * @param fetcher The `fetch` for discovery.
 * @returns The provider; nothing has been sent yet.
 * @throws {TdauthError} `invalid_options` when the name or the practice broker's URL is not one.
 */
export function providerByName(
  settings: Pick<Settings, "provider" | "consumerSecret" | "sandbox" | "scope">,
  fetcher?: typeof fetch,
): SelectedProvider {
  const { scope } = settings;
  const named = configuredProvider(settings);
  if (typeof named === "string") throw wrongProvider(named, settings);
  if (named.known !== undefined) {
    const known = withScope(named.known, scope);
    return { ...named, known, get: () => Promise.resolve(known) };
  }
  const issuer = named.id;
  let found: Promise<Provider> | undefined;
  return {
    ...named,
    get: async () => {
      const { discover } = await import("../oauth/discovered.ts");
      found ??= discover(issuer, {
        ...(scope !== undefined && { scope }),
        ...(fetcher && { fetch: fetcher }),
      });
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
 * Selects a provider that is given as an object.
 *
 * @param given The provider.
 * @param scope The scope of the settings; the provider's own when absent.
 * @returns The provider.
 */
export function givenProvider(
  given: Provider,
  scope: string | undefined,
): SelectedProvider {
  const known = withScope(given, scope);
  return {
    id: given.id,
    key: given.id,
    name: given.name,
    known,
    get: () => Promise.resolve(known),
  };
}

function withScope(provider: Provider, scope: string | undefined): Provider {
  return scope === undefined ? provider : { ...provider, scope };
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
          } or the URL of an OAuth 2.0 issuer`,
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
