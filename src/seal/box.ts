/** The length of the nonce, in bytes (NIST SP 800-38D §8.2.1). */
const NONCE = 12;

/** Authenticated encryption of texts: AES-256-GCM (NIST SP 800-38D). */
export interface Box {
  /**
   * Encrypts a text.
   *
   * @param text The text.
   * @param context What it is for; {@linkcode Box.open} needs the same. It is not encrypted.
   * @returns Nonce, ciphertext and tag, Base64url.
   */
  seal(text: string, context: string): Promise<string>;
  /**
   * Decrypts what {@linkcode Box.seal} returned.
   *
   * @param sealed The encrypted text.
   * @param context What it is for.
   * @returns The text; `undefined` when the key or the context is wrong, or a bit was changed.
   */
  open(sealed: string, context: string): Promise<string | undefined>;
}

/**
 * Creates a box from a key.
 *
 * @param key 32 secret bytes.
 * @returns The box.
 */
export async function boxOf(key: Uint8Array<ArrayBuffer>): Promise<Box> {
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
  return {
    async seal(text, context) {
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
      const ciphertext = await crypto.subtle.encrypt(
        { name: "AES-GCM", iv: nonce, additionalData: bytes(context) },
        aes,
        bytes(text),
      );
      const sealed = new Uint8Array(NONCE + ciphertext.byteLength);
      sealed.set(nonce);
      sealed.set(new Uint8Array(ciphertext), NONCE);
      return toBase64Url(sealed);
    },
    async open(sealed, context) {
      try {
        const all = fromBase64Url(sealed);
        const text = await crypto.subtle.decrypt(
          {
            name: "AES-GCM",
            iv: all.subarray(0, NONCE),
            additionalData: bytes(context),
          },
          aes,
          all.subarray(NONCE),
        );
        return new TextDecoder().decode(text);
      } catch {
        return undefined;
      }
    },
  };
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Encodes bytes as Base64url without padding (RFC 4648 §5). */
export function toBase64Url(data: Uint8Array): string {
  let binary = "";
  for (const byte of data) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** Decodes what {@linkcode toBase64Url} returned; throws on anything else. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const data = Uint8Array.from(binary, (byte) => byte.charCodeAt(0));
  // The last character may have spare bits, and whitespace is skipped: only one spelling is valid.
  if (toBase64Url(data) !== text) throw new TypeError("not Base64url");
  return data;
}
