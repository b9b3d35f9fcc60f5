import { secureUrl } from "../base/loopback.ts";
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
  /** The preset that it is; absent for an issuer. */
  readonly preset?: NamedPreset;
  /** The provider itself; absent for an issuer. */
  readonly known?: Provider;
}

/** What is wrong with a setting: the practice broker's URL, the provider's name, or the issuer's URL. */
export type WrongProvider = "sandbox" | "name" | "issuer";

/**
 * Finds the provider that the settings name. Where they name none, the presets
 * say whose app it is, with a secret or without.
 *
 * @param settings The settings.
 * @returns The provider, or what is wrong.
 */
export function configuredProvider(
  settings: Pick<Settings, "provider" | "consumerSecret" | "sandbox">,
): ConfiguredProvider | WrongProvider {
  const { provider, sandbox } = settings;
  if (sandbox !== undefined && !isSandbox(sandbox)) return "sandbox";
  const preset = provider === undefined
    ? assumedPreset(settings.consumerSecret !== undefined)
    : presetNamed(provider);
  if (preset !== undefined) {
    const known = preset.provider(
      sandbox === undefined ? {} : { origin: new URL(sandbox).origin },
    );
    const { key, name } = preset;
    return { id: known.id, key, name, preset, known };
  }
  const issuer = provider ?? "";
  if (!issuer.includes("://")) return "name";
  if (!secureUrl(issuer)) return "issuer";
  return { id: issuer, key: issuer, name: issuer };
}

function isSandbox(text: string): boolean {
  return secureUrl(text) && new URL(text).protocol === "http:";
}
