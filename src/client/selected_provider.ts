import { TdauthError } from "../base/errors.ts";
import { secureUrl } from "../base/loopback.ts";
import type { Provider } from "../providers/provider.ts";
import {
  assumedPreset,
  type NamedPreset,
  presetNamed,
  PRESETS,
} from "../providers/presets.ts";
import type { Settings } from "../settings/settings.ts";

/** A provider that may still have to be discovered. */
export interface SelectedProvider {
  /** Its id, which its tokens carry. */
  readonly id: string;
  /** What the settings call it: `schwab`, or the issuer's URL. */
  readonly key: string;
  /** What people read: `Charles Schwab`, or the issuer's URL. */
  readonly name: string;
  /** The preset that it is; absent for an issuer and for a caller's own. */
  readonly preset?: NamedPreset;
  /** The provider itself where no request is needed to know it; absent for an issuer. */
  readonly known?: Provider;
  /** Returns the provider itself; the first call may send requests. */
  readonly get: () => Promise<Provider>;
}

/**
 * Finds the provider that the settings name. Where they name none, the presets
 * say whose app it is, with a secret or without.
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
  const { sandbox, scope } = settings;
  if (sandbox !== undefined && !isSandbox(sandbox)) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use "${sandbox}" as the practice broker: it is not a URL on this machine`,
      {
        hint: { text: "the URL to use is printed by", command: ["sandbox"] },
      },
    );
  }
  const named = settings.provider;
  const preset = named === undefined
    ? assumedPreset(settings.consumerSecret !== undefined)
    : presetNamed(named);
  if (preset !== undefined) {
    const origin = sandbox === undefined
      ? {}
      : { origin: new URL(sandbox).origin };
    const known = withScope(preset.provider(origin), scope);
    const { key, name } = preset;
    return {
      id: known.id,
      key,
      name,
      preset,
      known,
      get: () => Promise.resolve(known),
    };
  }
  const issuer = named ?? "";
  if (!issuer.includes("://")) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use "${issuer}" as the provider: there is none of that name`,
      {
        hint: `use ${
          PRESETS.map(({ key }) => `"${key}"`).join(", ")
        } or the URL of an OAuth 2.0 issuer`,
      },
    );
  }
  if (!secureUrl(issuer)) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use "${issuer}" as the provider: an issuer's URL must start with https://`,
      {
        hint:
          "plain http is allowed only for an issuer on this machine (127.0.0.1, [::1], localhost)",
      },
    );
  }
  let found: Promise<Provider> | undefined;
  return {
    id: issuer,
    key: issuer,
    name: issuer,
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

function isSandbox(text: string): boolean {
  return secureUrl(text) && new URL(text).protocol === "http:";
}
