/** In which forms a server reads a client's id and secret. */
import type { Client, RealServer, ServerKind } from "./real_server.ts";

/** Whether the server accepts a client in each form. */
export type Forms = Readonly<Record<"raw" | "encoded" | "body", boolean>>;

/**
 * Presents a client in each form, with a token that no one has.
 *
 * @param kind How the server says that the client is right and the token wrong.
 * @param server The server.
 * @param client The client.
 */
export async function formsOf(
  { proof }: ServerKind,
  { tokenEndpoint }: RealServer,
  { id, secret }: Client,
): Promise<Forms> {
  const { endpoint = "", accepted } = proof;
  const url = new URL(endpoint || tokenEndpoint, tokenEndpoint);
  const accepts = async (
    headers: Record<string, string>,
    more: Record<string, string> = {},
  ) => {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body: new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: "unknown",
        token: "unknown",
        ...more,
      }),
    });
    const { error = "" } = JSON.parse(await response.text() || "{}");
    return `${response.status} ${error}`.trimEnd() === accepted;
  };
  return {
    raw: await accepts(basic(id, secret)),
    encoded: await accepts(basic(formEncoded(id), formEncoded(secret))),
    body: await accepts({}, { client_id: id, client_secret: secret }),
  };
}

function basic(id: string, secret: string): Record<string, string> {
  const bytes = new TextEncoder().encode(`${id}:${secret}`);
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}

function formEncoded(text: string): string {
  return new URLSearchParams({ _: text }).toString().slice(2);
}
