import type { Preset } from "./preset.ts";
import * as list from "./preset_list.ts";

/** The words that settings use for the presets. */
export type PresetKey = keyof typeof list;

/** A preset with its two names. */
export interface NamedPreset extends Preset {
  /** What settings call it: `schwab`. */
  readonly key: string;
  /** What people read: `Charles Schwab`. */
  readonly name: string;
}

/** Every preset, by key. */
export const PRESETS: readonly NamedPreset[] = Object.entries<Preset>(list)
  .map(([key, preset]) => ({ ...preset, key, name: preset.provider().name }));

/**
 * Finds a preset.
 *
 * @param key What settings call it, in any case.
 * @returns The preset; `undefined` when there is none of that name.
 */
export function presetNamed(key: string): NamedPreset | undefined {
  const lower = key.toLowerCase();
  return PRESETS.find((preset) => preset.key === lower);
}

/**
 * What people call a broker.
 *
 * @param key What settings call it.
 * @returns Its name; of one that is no preset the key itself.
 */
export function brokerName(key: string): string {
  return presetNamed(key)?.name ?? key;
}

/**
 * The preset that an app belongs to where no setting names the broker.
 *
 * @param hasSecret Whether the app has a secret.
 * @returns The preset, of which there is exactly one for either.
 */
export function assumedPreset(hasSecret: boolean): NamedPreset {
  const app = hasSecret ? "secret" : "no secret";
  const preset = PRESETS.find(({ assumedFor }) => assumedFor === app);
  if (preset === undefined) {
    throw new RangeError(`Cannot choose a broker: no preset is for ${app}`);
  }
  return preset;
}

/** The preset suggested to users who have not chosen a broker. */
export function suggestedPreset(): NamedPreset {
  return assumedPreset(true);
}

/**
 * The presets' keys for people.
 *
 * @param last What may stand in place of a key.
 * @returns For instance `schwab, tdameritrade or an issuer's URL`.
 */
export function presetChoices(last: string): string {
  return `${PRESETS.map(({ key }) => key).join(", ")} or ${last}`;
}

/** Returns a consumer key without a broker's suffix, as users may know it. */
export function bareConsumerKey(key: string): string {
  const suffix = PRESETS.map(({ provider }) => provider().consumerKeySuffix)
    .find((one) => one !== undefined && key.endsWith(one));
  return suffix === undefined ? key : key.slice(0, -suffix.length);
}
