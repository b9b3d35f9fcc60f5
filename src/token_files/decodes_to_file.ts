import { decodeText } from "../base/decode_text.ts";
import { isObject } from "./fields.ts";
import { TEXT_FORMATS } from "./formats.ts";

/**
 * Whether a word is a token file in base64, as Kubernetes keeps its secrets. A
 * refresh token may be base64 of JSON, too, so only what is in it tells.
 *
 * @param word The word.
 */
export function decodesToFile(word: string): boolean {
  const text = decoded(word);
  if (text === undefined) return false;
  try {
    const file: unknown = JSON.parse(text);
    return isObject(file) &&
      TEXT_FORMATS.some((format) =>
        format.kind === "json" && format.matches(file)
      );
  } catch {
    return TEXT_FORMATS.some(({ name, kind, matches }) =>
      kind === "plain" && name === "dotenv" && matches(text)
    );
  }
}

function decoded(word: string): string | undefined {
  try {
    const binary = atob(word.replaceAll("-", "+").replaceAll("_", "/"));
    return decodeText(Uint8Array.from(binary, (one) => one.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
