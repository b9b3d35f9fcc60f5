function bytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** Random text in base64, with `+`, `/` and `=`. */
export function randomBase64(length: number): string {
  return btoa(String.fromCharCode(...bytes(length)));
}

/** Random text that needs no encoding in a URL; 32 bytes give 43 characters. */
export function randomText(length = 32): string {
  return base64Url(String.fromCharCode(...bytes(length)));
}

/** Base64url without padding (RFC 4648 §5) of a text of bytes. */
export function base64Url(text: string): string {
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}
