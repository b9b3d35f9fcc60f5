import type { AnswerContent, TokenAnswer } from "./token_error.ts";

/** The code that stands for none: the library asks for one, and a message alone has none. */
export const NO_CODE = "no_code";

/** The longest plain text that may be a provider's way to name an error, in characters. */
const LONGEST_TEXT = 100;

/** The entries of a JSON object. */
export type Entries = Readonly<Record<string, unknown>>;

/**
 * Reads the entries of an answer: a JSON object, with or without a byte order
 * mark, or a form, in which GitHub and older servers answer by default.
 *
 * @param text The answer's text.
 * @returns The entries; `undefined` when it is neither.
 */
export function entriesOf(text: string): Entries | undefined {
  return jsonEntries(text) ?? formEntries(text);
}

/**
 * Looks for what is wrong in an answer: the error of RFC 6749 §5.2, or where
 * gateways and frameworks put theirs.
 *
 * @param status The HTTP status.
 * @param text The answer's text.
 * @param entries Its entries, as from {@linkcode entriesOf}.
 * @param headers Its headers.
 * @returns The answer, as {@linkcode tokenErrorVerdict} reads it.
 */
export function tokenAnswer(
  status: number,
  text: string,
  entries: Entries | undefined,
  headers: Headers,
): TokenAnswer {
  if (entries === undefined) {
    const content = contentOf(text);
    const all = text.trim();
    return content === "text" && all.length <= LONGEST_TEXT
      ? { status, content, text: all }
      : { status, content };
  }
  const error = errorIn(entries) ?? word(entries["code"]);
  const description = wordsIn(entries);
  const named = error !== undefined || description !== undefined;
  return {
    status,
    content: named ? "reason" : "json",
    ...(error !== undefined && { error }),
    ...(description !== undefined && description !== error && { description }),
    challenged: /^basic\b/i.test(headers.get("www-authenticate") ?? ""),
  };
}

/**
 * Returns the error code of an answer. A bare `code` is none of these: beside
 * status 200 it often means success.
 *
 * @param entries The answer's entries.
 */
export function errorIn(entries: Entries): string | undefined {
  const { error, errors, fault } = entries;
  return word(error) ?? word(at(error, "code")) ?? word(at(error, "type")) ??
    word(at(error, "message")) ??
    word(entries["error_code"]) ?? word(entries["errorCode"]) ??
    word(at(first(errors), "code")) ??
    word(at(at(fault, "detail"), "errorcode"));
}

/** Returns an answer's words for people. */
function wordsIn(entries: Entries): string | undefined {
  const { error, errors, fault } = entries;
  const own = [
    "error_description",
    "errorDescription",
    "error_message",
    "errorMessage",
    "message",
    "Message",
    "detail",
    "title",
    "reason",
    "msg",
  ].map((name) => entries[name]);
  return [
    ...own,
    at(error, "error_description"),
    at(error, "message"),
    first(errors),
    at(first(errors), "message"),
    at(fault, "faultstring"),
  ].map(word).find((found) => found !== undefined);
}

function contentOf(text: string): AnswerContent {
  if (text.trim() === "") return "empty";
  return /^\s*</.test(text) ? "page" : "text";
}

function jsonEntries(text: string): Entries | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return isEntries(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function formEntries(text: string): Entries | undefined {
  if (!/^\s*[\w.-]+=[^\s<>]*\s*$/.test(text)) return undefined;
  const entries = Object.fromEntries(new URLSearchParams(text.trim()));
  const known = ["access_token", "error"].some((name) =>
    Object.hasOwn(entries, name)
  );
  return known ? entries : undefined;
}

function isEntries(value: unknown): value is Entries {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function at(value: unknown, name: string): unknown {
  return isEntries(value) ? value[name] : undefined;
}

function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

/** A text that says something, or a number in place of one. */
function word(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}
