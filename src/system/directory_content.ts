import { entriesOf } from "./files.ts";
import { holdsTokens, looksLikeTokens } from "./looks_like_tokens.ts";
import { readRegularFile } from "./read_file.ts";

/** Recognizes tdauth's files with a fixed name by their content: other programs have files of these names, too. */
const FILES: Readonly<
  Record<string, (file: Record<string, unknown>) => boolean>
> = {
  "config.json": (file) =>
    isHooksOnly(file) ||
    isObject(file["profiles"]) &&
      Object.values(file["profiles"]).some(isProfile),
  ".hooks.json": ({ version, told }) => version === 1 && isObject(told),
  "certificate.json": isCertificate,
  "trust.json": ({ version, trusted }) =>
    version === 1 && Array.isArray(trusted),
};
/** The name of an empty file beside the tokens. */
const LOCK = /^\.(?:write|hooks|.+\.(?:login|refresh))\.lock$/;
/** The longest file that is read, in bytes; tdauth's own are far shorter. */
const LONGEST = 262_144;
/** How many files of a directory are checked. */
const MOST = 1000;

/**
 * Classifies a directory by the content of its files, never by their names alone,
 * which any program may use.
 *
 * @param path The directory.
 * @returns `own` where a file of tdauth's or pyTD's is in it, `other` where only other things are.
 */
export function directoryContent(path: string): "empty" | "own" | "other" {
  let content: "empty" | "other" = "empty";
  let looked = 0;
  for (const { name, isFile } of entriesOf(path)) {
    if (++looked > MOST) return "other";
    const is = isFile ? contentOf(`${path}/${name}`, name) : "other";
    if (is === "own") return "own";
    if (is === "other") content = "other";
  }
  return content;
}

/**
 * Returns whether a parsed JSON value is a `config.json` of tdauth's, with profiles or still empty.
 *
 * @param file The value.
 */
export function isOwnConfig(file: unknown): boolean {
  if (!isObject(file) || Object.keys(file).length === 0) return isObject(file);
  if (isHooksOnly(file)) return true;
  const { profiles } = file;
  if (!isObject(profiles)) return false;
  const all = Object.values(profiles);
  return all.length === 0 || all.some(isProfile);
}

function isCertificate(file: unknown): boolean {
  return isObject(file) && "not_after" in file &&
    [file["cert"], file["ca"], file["key"]].every((pem) =>
      typeof pem === "string" && pem.startsWith("-----BEGIN ")
    );
}

/** Classifies a file; `empty` when it has nothing worth keeping, such as a lock, or damaged tokens. */
function contentOf(path: string, name: string): "empty" | "own" | "other" {
  try {
    const read = readRegularFile(path, LONGEST);
    if (typeof read === "string") return "other";
    const text = new TextDecoder("utf-8", { ignoreBOM: true })
      .decode(read.bytes);
    const file = parse(text);
    const is = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
    if (isObject(file) && (is ?? holdsTokens)(file)) return "own";
    // An empty file that is not tdauth's lock may matter to another program.
    const nothing = text.trim() === ""
      ? LOCK.test(name)
      : file === undefined
      ? looksLikeTokens(text)
      : isNoProfile(file);
    return nothing ? "empty" : "other";
  } catch {
    return "other"; // not readable for tdauth
  }
}

/** A `config.json` into which its user has written hooks, and nothing else yet. */
function isHooksOnly({ hooks, ...rest }: Record<string, unknown>): boolean {
  return Array.isArray(hooks) && hooks.length > 0 && hooks.every(isObject) &&
    Object.keys(rest).length === 0;
}

/** A `config.json` without profiles yet. */
function isNoProfile(file: unknown): boolean {
  return isObject(file) && JSON.stringify(file) === '{"profiles":{}}';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Strings only, one of which identifies the app. */
function isProfile(profile: unknown): boolean {
  return isObject(profile) &&
    Object.values(profile).every((value) => typeof value === "string") &&
    ["consumerKey", "provider", "seal"].some((key) => key in profile);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
