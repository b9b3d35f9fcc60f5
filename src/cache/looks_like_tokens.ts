import { SEALED_PREFIX } from "../seal/sealed_text.ts";

/** One entry of a token file, as pyTD and tdauth write it: neither a text, as in Google's files, nor within another object, as in schwab-py's. */
const ENTRY = /"(?:access|refresh)_token"\s*:\s*(?:null|\{|$)/;
/** What is left where the end was cut off within the first entry's name. */
const BEGINNING = /^\{\s*(?:"(\w*)"?)?$/;

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
    return ENTRY.test(json) || beginsAnEntry(json) ||
      json.includes(SEALED_PREFIX) || json.includes('"sealed"');
  }
  return isObject(file) &&
    (Object.keys(file).length === 0 || holdsTokens(file));
}

/**
 * Says whether the value of a JSON text is a token file, tokens or none in it.
 *
 * @param file The value.
 */
export function holdsTokens(file: unknown): boolean {
  if (!isObject(file)) return false;
  const isEntry = (key: string) =>
    Object.hasOwn(file, key) && (file[key] === null || isObject(file[key]));
  return isEntry("access_token") || isEntry("refresh_token") ||
    typeof file["sealed"] === "string";
}

function beginsAnEntry(json: string): boolean {
  const [whole, name = ""] = BEGINNING.exec(json) ?? [];
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
