import { SEALED_PREFIX } from "../token/sealed_text.ts";

/**
 * How a damaged file begins: with the first entry as pyTD and tdauth write it,
 * cut off anywhere. A file that only quotes such an entry later is another
 * program's.
 */
const BEGINNING =
  /^\{\s*"(?:access|refresh)_token"\s*:\s*(?:null\b|\{\s*(?:"(?:token|access_time|expires_in)"|"?\w*$)|\w*$)/;
/** The same where the end was cut off within the first entry's name. */
const NAME = /^\{\s*(?:"(\w*)"?\s*:?\s*)?$/;
/** A seal in damaged JSON; one changed bit spoils only its name or its beginning, not both. */
const SEALED = new RegExp(
  `(?:"sealed"\\s*:\\s*"|${SEALED_PREFIX})([^]{40})`,
);

/**
 * Returns whether a file's text is that of a token file of tdauth or pyTD, whole
 * or damaged. Any other is another program's, whatever its name: it is neither
 * read as an empty cache nor moved, restricted, rewritten or removed.
 *
 * @param text The text.
 * @returns Also `true` for an empty file, and for one of zeros, as a power cut leaves it.
 *
 * @example
 * ```ts
 * import { looksLikeTokens } from "./looks_like_tokens.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(looksLikeTokens('{"refresh_token":null,"access_token":{"token":"A'), true);
 * assert.equal(looksLikeTokens("ssh-ed25519 AAAAC3Nza… me@home"), false);
 * ```
 */
export function looksLikeTokens(text: string): boolean {
  // deno-lint-ignore no-control-regex -- zeros are what is looked for
  const json = text.replace(/^\uFEFF|\x00+$/g, "").trim();
  if (json === "") return true;
  const file = parse(json);
  if (file === undefined) {
    return BEGINNING.test(json) || beginsAnEntry(json) ||
      isSeal(SEALED.exec(json)?.[1] ?? "");
  }
  return isObject(file) &&
    (Object.keys(file).length === 0 || holdsTokens(file));
}

/**
 * Returns whether a parsed JSON value is a token file, with or without tokens:
 * both entries, either of which may be absent if the other is complete, or a
 * seal.
 *
 * @param file The value.
 */
export function holdsTokens(file: unknown): boolean {
  if (!isObject(file)) return false;
  const { access_token: access, refresh_token: refresh } = file;
  const both = access === null && refresh === null;
  const others = [access, refresh].every((entry) =>
    entry === undefined || entry === null || isEntry(entry)
  );
  return holdsSeal(file) || both ||
    (others && (isEntry(access) || isEntry(refresh)));
}

/** One changed bit spoils only one of the version, the seal's name and its beginning; the others identify it. */
function holdsSeal(file: Record<string, unknown>): boolean {
  return Object.entries(file).some(([key, value]) =>
    typeof value === "string" && isSeal(value) &&
    (value.startsWith(SEALED_PREFIX) ||
      (key === "sealed" && file["version"] === 1))
  );
}

/** A seal or what is left of one: long, and without whitespace except by a changed bit. */
function isSeal(text: string): boolean {
  return text.length >= 40 && text.replace(/[\x21-\x7e]/g, "").length <= 1;
}

/** A token and its times, valid or not; other programs have strings there, or other objects. */
function isEntry(entry: unknown): boolean {
  return isObject(entry) && "token" in entry && "access_time" in entry &&
    "expires_in" in entry;
}

function beginsAnEntry(json: string): boolean {
  const [whole, name = ""] = NAME.exec(json) ?? [];
  return whole !== undefined &&
    ["access_token", "refresh_token"].some((key) => key.startsWith(name));
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
