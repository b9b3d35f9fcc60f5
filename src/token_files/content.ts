import { decodeText } from "../base/decode_text.ts";
import { type Fields, isObject, notUsable } from "./fields.ts";
import { TEXT_FORMATS } from "./formats.ts";
import { haveTokens } from "./named_fields.ts";
import type { TextFormat } from "./token_file_format.ts";

/** The text of a file, and its names and values where it is JSON or a form. */
export interface Content {
  /** The text, without blanks around it. */
  readonly text: string;
  /** The JSON object; absent where it is none. */
  readonly file?: Fields;
}

/** How many answers of secrets managers may be around a file: Vault's has two. */
const MOST_WRAPPERS = 3;

/**
 * Reads what is in a file: its text, and its object where it is JSON or a form, as
 * GitHub answers by default. The answer of a secrets manager is taken off.
 *
 * @param bytes The file.
 * @returns Its content.
 * @throws {TdauthError} `token_file_failed` when it is no text, is damaged JSON, or
 * is of a secrets manager that keeps values in base64.
 */
export function contentOf(bytes: Uint8Array): Content {
  const text = decodeText(bytes)?.trim();
  if (text === undefined) {
    throw notUsable(
      "it is neither text in UTF-8 or UTF-16 nor an SQLite database",
    );
  }
  if (text === "") throw notUsable("it is empty");
  const content = parse(text);
  return unwrapped(content) ?? content;
}

/**
 * Whether a file is of a format.
 *
 * @param content The file's content.
 * @param format The format.
 */
export function isOf({ text, file }: Content, format: TextFormat): boolean {
  if (format.kind === "json") return file !== undefined && format.matches(file);
  return file === undefined && format.matches(text);
}

function parse(text: string): Content {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    if (/^[{[]/.test(text)) {
      throw notUsable("it is neither JSON nor an SQLite database"); // the parser's own message quotes the text
    }
    const form = formIn(text);
    return { text, ...(form !== undefined && { file: form }) };
  }
  if (isObject(file)) return { text, file };
  // A bare token may be JSON as well, of digits or in quotes.
  if (typeof file === "string" || typeof file === "number") return { text };
  throw notUsable("it is not a JSON object");
}

/** The fields of a form with a token and another field; with one alone it is a line of a .env file. */
function formIn(text: string): Fields | undefined {
  if (!/^[\w.-]+=[^&\s"'`]*(&[\w.-]+=[^&\s"'`]*)+$/.test(text)) {
    return undefined;
  }
  const entries = [...new URLSearchParams(text)];
  // One name twice is ambiguous, and an object would keep the last.
  return haveTokens(entries) &&
      new Set(entries.map(([name]) => name)).size === entries.length
    ? Object.fromEntries(entries)
    : undefined;
}

/** What is inside the answer of a secrets manager, if that is a file of a known format. */
function unwrapped(content: Content): Content | undefined {
  let inner: Content | undefined = content;
  for (let depth = 0; inner !== undefined; depth++) {
    const { file } = inner;
    if (knownFile(inner)) return inner;
    if (file === undefined || depth === MOST_WRAPPERS) return undefined;
    refuseBase64(file);
    inner = insideOf(file);
  }
  return undefined;
}

function knownFile(content: Content): boolean {
  return TEXT_FORMATS.some((format) => isOf(content, format));
}

/** The value in the answer of HashiCorp Vault, AWS Secrets Manager or Azure Key Vault. */
function insideOf(file: Fields): Content | undefined {
  const { data, SecretString, attributes, value } = file;
  if (isObject(data)) return { text: "", file: data };
  const text = SecretString ?? (isObject(attributes) ? value : undefined);
  if (typeof text !== "string" || text.trim() === "") return undefined;
  return parse(text.trim());
}

/** Kubernetes, Google Secret Manager and the binary secrets of AWS keep values in base64, which must not pass as tokens. */
function refuseBase64(file: Fields): void {
  const { kind, data, payload, SecretBinary } = file;
  if (
    kind === "Secret" && isObject(data) ||
    isObject(payload) && typeof payload["data"] === "string" ||
    typeof SecretBinary === "string"
  ) {
    throw notUsable(
      "it is a secret whose values are in base64",
      "decode the value, and import that: base64 -d",
    );
  }
}
