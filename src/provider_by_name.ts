import { TdauthError } from "./errors.ts";
import { secureUrl } from "./loopback.ts";
import type { Provider } from "./provider.ts";
import { schwab } from "./providers/schwab.ts";
import { tdAmeritrade } from "./providers/td_ameritrade.ts";
import type { Settings } from "./settings/settings.ts";

const PRESETS: Readonly<
  Record<string, (options?: { readonly origin?: string }) => Provider>
> = { schwab, tdameritrade: tdAmeritrade };

/** A provider that may still have to be discovered. */
export interface NamedProvider {
  /** Its id, which its tokens carry. */
  readonly id: string;
  /** What the settings call it: `schwab`, `tdameritrade` or the issuer. */
  readonly name: string;
  /** Gives the provider itself; the first call may send requests. */
  readonly get: () => Promise<Provider>;
}

/**
 * Finds the provider that the settings name. Where they name none, an app with a
 * secret is a Schwab app, for Schwab always issues one, and an app without is a
 * TD Ameritrade app, which never had one.
 *
 * @param settings The settings.
 * @param fetcher The `fetch` for discovery.
 * @returns The provider; nothing has been sent yet.
 * @throws {TdauthError} `invalid_options` when the name or the practice broker's URL is not one.
 */
export function providerByName(
  settings: Pick<Settings, "provider" | "consumerSecret" | "sandbox" | "scope">,
  fetcher?: typeof fetch,
): NamedProvider {
  const { sandbox, scope } = settings;
  const name = settings.provider ??
    (settings.consumerSecret === undefined ? "tdameritrade" : "schwab");
  if (sandbox !== undefined && !isSandbox(sandbox)) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use "${sandbox}" as the practice broker: it is not a URL of this machine`,
      {
        hint: { text: "the URL to use is printed by", command: ["sandbox"] },
      },
    );
  }
  const origin = sandbox === undefined
    ? {}
    : { origin: new URL(sandbox).origin };
  const key = name.toLowerCase();
  const known = Object.hasOwn(PRESETS, key) ? PRESETS[key] : undefined;
  if (known !== undefined) {
    const provider = {
      ...known(origin),
      ...(scope !== undefined && { scope }),
    };
    return {
      id: provider.id,
      name: name.toLowerCase(),
      get: () => Promise.resolve(provider),
    };
  }
  if (!name.includes("://")) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use "${name}" as the provider: there is none of that name`,
      {
        hint: 'use "schwab", "tdameritrade" or the URL of an OAuth 2.0 issuer',
      },
    );
  }
  if (!secureUrl(name)) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use "${name}" as the provider: an issuer's URL begins with https://`,
      {
        hint:
          "plain http is allowed for an issuer on this machine alone (127.0.0.1, [::1], localhost)",
      },
    );
  }
  let found: Promise<Provider> | undefined;
  return {
    id: name,
    name,
    get: async () => {
      const { discover } = await import("./providers/discovered.ts");
      found ??= discover(name, {
        ...(scope !== undefined && { scope }),
        ...(fetcher && { fetch: fetcher }),
      });
      try {
        return await found;
      } catch (error) {
        found = undefined; // the next call may have better luck
        throw error;
      }
    },
  };
}

function isSandbox(text: string): boolean {
  return secureUrl(text) && new URL(text).protocol === "http:";
}
