/** What a web application shows when a provider answers what no provider should. */
import assert from "node:assert/strict";
import { createWebHandler } from "../../mod.ts";
import { KEY, ORIGIN, Visitor } from "./visitor.ts";

const ISSUER = "https://login.example.com";
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
};

/** An application whose provider answers as the tables say. */
async function site(
  metadata: unknown,
  tokens: Record<string, unknown> = {},
): Promise<{ visitor: Visitor; messages: string[] }> {
  const messages: string[] = [];
  const web = await createWebHandler({
    consumerKey: "KEY",
    callbackUrl: `${ORIGIN}/callback`,
    provider: ISSUER,
    cookieKeys: [KEY],
    log: (_, message) => messages.push(message),
    fetch: (input) =>
      Promise.resolve(
        String(input).includes("/.well-known/")
          ? new Response(
            typeof metadata === "string" ? metadata : JSON.stringify(metadata),
          )
          : Response.json(tokens),
      ),
  });
  return { visitor: new Visitor(web), messages };
}

const MALFORMED: readonly (readonly [string, unknown])[] = [
  ["not JSON", "{"],
  ["a list", [METADATA]],
  ["null", null],
  ["an endpoint that is a number", { ...METADATA, token_endpoint: 7 }],
  ["an endpoint on this machine", {
    ...METADATA,
    token_endpoint: "https://127.0.0.1/token",
  }],
  ["an endpoint with a user name", {
    ...METADATA,
    authorization_endpoint: "https://me@login.example.com/authorize",
  }],
  ["another issuer with escape sequences", {
    ...METADATA,
    issuer: "https://evil.example/\x1b[2J\u202e\x9b31m<script>",
  }],
];
for (const [what, metadata] of MALFORMED) {
  Deno.test(`createWebHandler() answers the login route with a page when the metadata are ${what} (line 55)`, async () => {
    const { visitor, messages } = await site(metadata);
    const response = await visitor.get("/login");
    assert.equal(response.status, 502);
    assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
    const page = await response.text();
    assert.match(page, /login\.example\.com/);
    assert.doesNotMatch(page, /<script/);
    assert.match(messages.join(), /^Cannot use the metadata of /);
    // deno-lint-ignore no-control-regex -- these are what it is about
    assert.doesNotMatch(messages.join(), /[\x00-\x1f\x7f-\x9f\u202e]/);
  });
}

Deno.test("createWebHandler() begins no session with a token of another type than Bearer, and shows a page (line 67)", async () => {
  for (
    const [token_type, status] of [["DPoP", 502], ["Bearer", 303]] as const
  ) {
    const { visitor } = await site(METADATA, {
      access_token: "A",
      refresh_token: "R",
      expires_in: 1800,
      token_type,
    });
    const state = new URL(await visitor.begin()).searchParams.get("state");
    const response = await visitor.get(`/callback?code=C&state=${state}`);
    assert.equal(response.status, status);
    assert.equal(await visitor.token(), status === 303 ? "A" : undefined);
    await response.body?.cancel();
  }
});
