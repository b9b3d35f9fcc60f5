import {
  PROFILE_ONLY,
  SETTING_NAMES,
  type SettingName,
  settingRow,
  type SETTINGS,
} from "./setting_table.ts";

type Table = typeof SETTINGS;

/** Parameters by name. */
export type Parameters = Readonly<Record<string, string>>;

/** What any setting can be. */
export type SettingValue = string | boolean | number | Parameters;

/** What a row's text is read as. */
type ValueOf<Row> = Row extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : Row extends { readonly kind: "boolean" } ? boolean
  : Row extends { readonly kind: "seconds" } ? number
  : Row extends { readonly kind: "parameters" } ? Parameters
  : string;

/** The settings whose rows are of a certain form. */
type NamesOf<Form> = {
  [Name in SettingName]: Table[Name] extends Form ? Name : never;
}[SettingName];

type DefaultedName = NamesOf<{ readonly default: string }>;

/** The settings that `config.json` holds. */
export type ProfileName = NamesOf<{ readonly inProfile: true }>;

/** Settings as strings, before validation; absent ones are looked up elsewhere. */
export type SettingTexts = {
  readonly [Name in SettingName]?: string | undefined;
};

/** Settings with their rows' types; those with a default are always present. */
export type SettingValues =
  & { readonly [Name in DefaultedName]: ValueOf<Table[Name]> }
  & {
    readonly [Name in Exclude<SettingName, DefaultedName>]?: ValueOf<
      Table[Name]
    >;
  };

/** The settings of a profile, with their rows' types. */
export type ProfileValues = {
  readonly [Name in ProfileName]?: ValueOf<Table[Name]> | undefined;
};

/** What a profile holds beside its settings. */
export type ProfileOnly = {
  readonly [Key in keyof typeof PROFILE_ONLY]?: ValueOf<
    (typeof PROFILE_ONLY)[Key]
  >;
};

/** The settings of one profile as `config.json` holds them. */
export type Profile =
  & { readonly [Name in ProfileName]?: string }
  & ProfileOnly;

/** The names of the settings that `config.json` holds, in the order that it has them. */
export const PROFILE_NAMES: readonly ProfileName[] = SETTING_NAMES.filter((
  name,
): name is ProfileName => settingRow(name).inProfile);

/** Every key that a profile may have. */
export const PROFILE_KEYS: readonly string[] = [
  ...PROFILE_NAMES,
  ...Object.keys(PROFILE_ONLY),
];

/**
 * Writes a setting as the text that it is read from.
 *
 * @param value The setting.
 * @returns Its text; parameters form-encoded.
 */
export function settingText(value: SettingValue): string {
  return typeof value === "object"
    ? new URLSearchParams(value).toString()
    : String(value);
}
