import { TdauthError } from "../base/errors.ts";
import { sealDamaged, SEALED_PREFIX } from "./sealed_text.ts";

/** The version of the written format. */
export const VERSION = 1;

/** What is written beside the two entries. */
const OWN_KEYS: readonly string[] = [
  "version",
  "provider",
  "consumer_key",
  "login_time",
  "scope",
  "api_origin",
  "refresh_pending",
  "refresh_refused",
  "refresh_doubt",
  "client_authentication",
  "identity",
  "pending_login",
  "sealed",
];

/**
 * Reads the text of a token file, sealed or not, as far as every reader needs it.
 *
 * @param text The JSON; an empty text is an empty file.
 * @returns Its entries.
 * @throws {TdauthError} `cache_corrupt` when it is not a JSON object,
 * `cache_sealed` when it is a damaged seal, `cache_unreadable` when a newer
 * tdauth wrote it.
 */
export function readTokenText(text: string): Record<string, unknown> {
  // A byte order mark is what Windows editors leave behind.
  const json = text.charCodeAt(0) === 0xfeff
    ? text.slice(1).trim()
    : text.trim();
  if (json === "") return {};
  const file = parseObject(json);
  // Such a file has all there is to lose: it is neither moved aside nor treated as empty.
  if (hasSeal(json) && !isWholeSeal(file)) throw sealDamaged();
  if (!isObject(file)) throw corrupt("it is not a JSON object");
  if (typeof file["version"] === "number" && file["version"] > VERSION) {
    throw new TdauthError(
      "cache_unreadable",
      `Cannot read the stored tokens: their format is ${
        file["version"]
      }, which a newer tdauth wrote`,
      { hint: "update tdauth" },
    );
  }
  return file;
}

/**
 * Writes the text of a token file.
 *
 * @param file Its entries.
 * @returns The JSON.
 * @throws {TdauthError} `cache_corrupt` when they are nested too deeply.
 */
export function writeTokenText(file: Record<string, unknown>): string {
  try {
    return JSON.stringify(file, undefined, 1) + "\n";
  } catch {
    throw corrupt("it is nested too deeply");
  }
}

/**
 * Keeps those entries of the previous text that are not tdauth's, such as another
 * program's `id_token`, unless the text is sealed: they must not stay unencrypted
 * beside a seal.
 *
 * @param text The new text.
 * @param previous The text that it replaces.
 * @returns The text to store.
 * @throws {TdauthError} As {@linkcode readTokenText}.
 */
export function keepUnknown(text: string, previous: string): string {
  const { refresh_token: _, access_token: __, ...unknown } = readTokenText(
    previous,
  );
  for (const key of OWN_KEYS) delete unknown[key];
  if (Object.keys(unknown).length === 0) return text;
  const file = readTokenText(text);
  if (typeof file["sealed"] === "string") return text;
  const { refresh_token = null, access_token = null, ...rest } = file;
  return writeTokenText({ refresh_token, access_token, ...unknown, ...rest });
}

/** The provider and app of a file's tokens, where the file has them. */
export interface TokenOwner {
  /** The id of the provider that issued them. */
  readonly provider?: string;
  /** The consumer key they were issued to. */
  readonly consumerKey?: string;
}

/** The provider and app of the tokens, by the entries of their file. */
export function ownerOf(
  { provider, consumer_key }: Record<string, unknown>,
): TokenOwner {
  return {
    ...(typeof provider === "string" && { provider }),
    ...(typeof consumer_key === "string" && { consumerKey: consumer_key }),
  };
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The error of a text that is not a token file; it never quotes the text. */
export function corrupt(why: string): TdauthError {
  return new TdauthError(
    "cache_corrupt",
    `Cannot understand the stored tokens: ${why}`,
  );
}

/** The value of a JSON text; `undefined` where a seal makes a text that is none precious. */
function parseObject(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    if (hasSeal(json)) return undefined;
    throw corrupt("it is not JSON"); // the parser's own message quotes the text
  }
}

/** By its name or by its value: a changed bit spoils one of them alone. */
function hasSeal(json: string): boolean {
  return json.includes(SEALED_PREFIX) || json.includes('"sealed"');
}

function isWholeSeal(file: unknown): boolean {
  return isObject(file) && typeof file["sealed"] === "string" &&
    file["version"] === VERSION;
}
