import { isEndpoint, secureUrl } from "../base/loopback.ts";
import {
  assumedPreset,
  type NamedPreset,
  presetNamed,
} from "../providers/presets.ts";
import type { Provider } from "../providers/provider.ts";
import type { Settings } from "../settings/find_settings.ts";

/** The provider that settings name, as far as it is known without a request. */
export interface ConfiguredProvider {
  /** Its id, which its tokens carry. */
  readonly id: string;
  /** What the settings call it: `schwab`, or the issuer's URL. */
  readonly key: string;
  /** What people read: `Charles Schwab`, or the issuer's URL. */
  readonly name: string;
  /** The preset that it is; absent for any other. */
  readonly preset?: NamedPreset;
  /** The provider itself, before what settings change; absent where it is not known without a request. */
  readonly known?: Provider;
}

/** What is wrong with a setting: the practice broker's URL, the provider's name, the issuer's URL, or that one of the endpoints of a provider of the user's own is missing. */
export type WrongProvider = "sandbox" | "name" | "issuer" | "endpoints";

/** The settings by which a provider is known. */
export type NamingSettings = Pick<
  Settings,
  | "provider"
  | "consumerSecret"
  | "keeper"
  | "sandbox"
  | "providerName"
  | "authorizationEndpoint"
  | "tokenEndpoint"
>;

/**
 * Finds the provider that the settings name. Where they name none and no
 * endpoints, the presets say whose app it is, with a secret or without.
 *
 * @param settings The settings.
 * @returns The provider, or what is wrong.
 */
export function configuredProvider(
  settings: NamingSettings,
): ConfiguredProvider | WrongProvider {
  const { provider, sandbox, authorizationEndpoint, tokenEndpoint } = settings;
  if (sandbox !== undefined && !isSandbox(sandbox)) return "sandbox";
  const own = authorizationEndpoint !== undefined &&
    tokenEndpoint !== undefined;
  const preset = provider !== undefined
    ? presetNamed(provider)
    : own
    ? undefined
    : assumedPreset(
      // A follower has no secret, whatever the app.
      settings.consumerSecret !== undefined || settings.keeper !== undefined,
    );
  if (preset !== undefined) {
    const known = preset.provider(
      sandbox === undefined ? {} : { origin: new URL(sandbox).origin },
    );
    const { key, name } = preset;
    const id = sandbox === undefined
      ? boundTo(tokenEndpoint, known.id)
      : known.id;
    return { id, key, name: settings.providerName ?? name, preset, known };
  }
  const key = provider ?? hostOf(tokenEndpoint);
  const id = boundTo(tokenEndpoint, key);
  const name = settings.providerName ?? key;
  const isIssuer = key.includes("://");
  if (isIssuer && !isEndpoint(key)) return "issuer";
  if (own) {
    const issuer = isIssuer && { issuer: key };
    const known = { id, name, authorizationEndpoint, tokenEndpoint, ...issuer };
    return { id, key, name, known };
  }
  if (isIssuer) return { id, key, name };
  return authorizationEndpoint ?? tokenEndpoint ? "endpoints" : "name";
}

/** What the file of a follower is named by, which needs no key of the app. */
const FOLLOWER = "follower";

/**
 * Returns the app's key; what stands for it where the tokens are kept elsewhere.
 *
 * @param settings The settings, or a profile.
 * @returns The key; `undefined` when there must be one, and is none.
 */
export function appKeyOf(
  { consumerKey, keeper }: {
    readonly consumerKey?: string | undefined;
    readonly keeper?: string | undefined;
  },
): string | undefined {
  return consumerKey ?? (keeper === undefined ? undefined : FOLLOWER);
}

/** Tokens of another token endpoint must never be taken for one another. */
function boundTo(tokenEndpoint: string | undefined, key: string): string {
  const host = hostOf(tokenEndpoint);
  return host === "" || host === key ? key : `${key}@${host}`;
}

function hostOf(url: string | undefined): string {
  return url === undefined ? "" : new URL(url).host;
}

function isSandbox(text: string): boolean {
  return secureUrl(text) && new URL(text).protocol === "http:";
}
