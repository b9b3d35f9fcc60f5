import { contentOf, isOf } from "./content.ts";
import { TEXT_FORMATS } from "./formats.ts";

/**
 * Whether a word is a token file in base64, as Kubernetes keeps its secrets. A
 * refresh token may be base64 of JSON, too, so only what is in it tells.
 *
 * @param word The word.
 */
export function decodesToFile(word: string): boolean {
  const bytes = decoded(word);
  if (bytes === undefined) return false;
  try {
    const content = contentOf(bytes);
    // Nearly any word in base64 may be a bare token: that tells nothing.
    return TEXT_FORMATS.some((format) =>
      format.name !== "refresh-token" && isOf(content, format)
    );
  } catch {
    return false;
  }
}

function decoded(word: string): Uint8Array | undefined {
  try {
    const binary = atob(word.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (one) => one.charCodeAt(0));
  } catch {
    return undefined;
  }
}
