import { SEALED_PREFIX } from "../token/sealed_text.ts";

/**
 * How a damaged file begins: with the first entry as pyTD and tdauth write it,
 * cut off anywhere. What only quotes such an entry further on is another's.
 */
const BEGINNING =
  /^\{\s*"(?:access|refresh)_token"\s*:\s*(?:null\b|\{\s*(?:"(?:token|access_time|expires_in)"|"?\w*$)|\w*$)/;
/** The same where the end was cut off within the first entry's name. */
const NAME = /^\{\s*(?:"(\w*)"?\s*:?\s*)?$/;
/** A seal in what is no JSON any more; one changed bit spoils its name or its own beginning alone. */
const SEALED = new RegExp(
  `(?:"sealed"\\s*:\\s*"|${SEALED_PREFIX})([^]{40})`,
);

/**
 * Says whether a file's text is that of a token file of tdauth or pyTD, whole or
 * damaged. What is not is another program's, whatever its name: it is neither
 * read as an empty cache nor moved, closed, rewritten or removed.
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
 * Says whether the value of a JSON text is a token file, tokens or none in it:
 * both entries, of which either may be absent where the other is a whole one, or
 * a seal.
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

/** One changed bit spoils the version, or the seal's name or its beginning, and the others tell. */
function holdsSeal(file: Record<string, unknown>): boolean {
  return Object.entries(file).some(([key, value]) =>
    typeof value === "string" && isSeal(value) &&
    (value.startsWith(SEALED_PREFIX) ||
      (key === "sealed" && file["version"] === 1))
  );
}

/** A seal or what is left of one: long, and without white space but for a changed bit. */
function isSeal(text: string): boolean {
  return text.length >= 40 && text.replace(/[\x21-\x7e]/g, "").length <= 1;
}

/** A token and its times, right or wrong; other programs keep texts there, or objects of their own. */
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
