import {
  appKeyOf,
  type ConfiguredProvider,
  configuredProvider,
} from "../../client/configured_provider.ts";
import { readDotenv } from "../../settings/dotenv.ts";
import { dotenvNote } from "../../settings/dotenv_trust.ts";
import {
  type FindOptions,
  findSettings,
  type Settings,
} from "../../settings/find_settings.ts";
import { tokenFileName, withoutSlash } from "../../system/config_dir.ts";
import { readPrivateText } from "../../system/read_text.ts";
import { type HeldToken, heldToken } from "../../token/held_token.ts";
import { unusual } from "./unusual.ts";

/** An account as the settings describe it. */
export interface FoundAccount {
  /** The settings. */
  readonly settings: Settings;
  /** The provider. */
  readonly provider: ConfiguredProvider;
  /** The app's key. */
  readonly consumerKey: string;
  /** The directory of its token file. */
  readonly directory: string;
  /** The file's name. */
  readonly fileName: string;
  /** What the user must be told about the settings. */
  readonly note: string | undefined;
}

/**
 * Finds the account that a command is about.
 *
 * @param options Where to look for settings.
 * @returns The account.
 * @throws {Unusual} When the settings are wrong, incomplete, or say that no tokens are stored, or `.env` cannot be read.
 */
export function findAccount(
  options: Pick<FindOptions, "given" | "env">,
): FoundAccount {
  const settings = findSettings({
    ...options,
    givenAs: "flag",
    dotenv: readDotenv(unusual, unusual),
    fail: unusual,
  });
  const { profile, storeTokens } = settings;
  const consumerKey = appKeyOf(settings);
  const provider = configuredProvider(settings);
  if (
    consumerKey === undefined || !storeTokens || typeof provider === "string"
  ) return unusual();
  return {
    settings,
    provider,
    consumerKey,
    directory: withoutSlash(settings.tokenDir),
    fileName: tokenFileName(consumerKey, profile),
    note: dotenvNote(settings),
  };
}

/** The text of a token file. */
export interface StoredText {
  /** The text, opened. */
  readonly text: string;
  /** What it was sealed by. */
  readonly sealedBy: "key" | undefined;
}

/**
 * Reads an account's token file.
 *
 * @param account The account.
 * @param env The environment, for the key of sealed tokens.
 * @returns The text.
 * @throws {Unusual} When there is none, others can access it, or opening it takes more than a key in the environment.
 */
export async function storedText(
  { directory, fileName, settings }: FoundAccount,
  { env }: Pick<FindOptions, "env">,
): Promise<StoredText> {
  const text = readPrivateText(directory, fileName);
  if (text === undefined) return unusual();
  if (text.includes('"tdauth-sealed:1:key:')) {
    const { openSealed } = await import("./open_sealed.ts");
    return { text: await openSealed(text, fileName, env), sealedBy: "key" };
  }
  // Unencrypted tokens of a profile that is sealed are an error.
  if (settings.seal !== undefined) return unusual();
  return { text, sealedBy: undefined };
}

/**
 * Finds the access token of an account.
 *
 * @param account The account.
 * @param text The text of its token file.
 * @param minValid How many seconds it must still be valid.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The token.
 * @throws {Unusual} When it needs a refresh or an error.
 */
export function tokenOf(
  { provider, consumerKey }: FoundAccount,
  { text }: StoredText,
  minValid: number | undefined,
  now: number,
): HeldToken {
  const by = { provider: provider.id, consumerKey, minValid };
  return heldToken(text, by, now) ?? unusual();
}
