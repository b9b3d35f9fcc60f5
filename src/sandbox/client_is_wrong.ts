import type { Context } from "./context.ts";

/** Why the client is not the registered app; undefined when it is. */
export function clientIsWrong(
  { app, clientId, rules }: Context,
  headers: Headers,
  form: URLSearchParams,
): string | undefined {
  if (rules.broker === "tdameritrade") {
    const id = form.get("client_id");
    if (id === clientId) return;
    if (id === null) return "client_id is missing from the body";
    return clientId.startsWith(`${id}@`)
      ? "client_id lacks @AMER.OAUTHAP"
      : "client_id is not the app's";
  }
  const [scheme, credentials] = (headers.get("authorization") ?? "").split(" ");
  if (scheme?.toLowerCase() !== "basic" || credentials === undefined) {
    return "the Authorization header is missing or not Basic";
  }
  const sent = decodeBase64(credentials);
  const right = `${app.consumerKey}:${app.consumerSecret ?? ""}`;
  // Compared unchanged. RFC 6749 §2.3.1 would percent-encode both parts;
  // Schwab's developer documentation shows base64(key:secret), and working
  // clients do no more.
  if (sent === right) return;
  const encoded = [app.consumerKey, app.consumerSecret ?? ""]
    .map(encodeURIComponent).join(":");
  return sent === encoded
    ? "the key and the secret are percent-encoded in the Authorization header"
    : "the consumer key or the secret is wrong";
}

function decodeBase64(text: string): string | undefined {
  try {
    return new TextDecoder().decode(
      Uint8Array.from(atob(text), (character) => character.charCodeAt(0)),
    );
  } catch {
    return undefined;
  }
}
