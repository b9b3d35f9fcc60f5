/** Who has logged in: from the answer of a login to what a program and a later refresh see. */
import assert from "node:assert/strict";
import {
  authorize,
  type AuthorizeOptions,
  formatTokens,
  MemCache,
  parseTokens,
  type Provider,
} from "../../mod.ts";
import { failsWith, reservePort } from "../support.ts";
import { tokensIn } from "../tokens_in.ts";

const ISSUER = "https://acme.example";
const PROVIDER: Provider = {
  id: "acme",
  name: "Acme",
  authorizationEndpoint: `${ISSUER}/authorize`,
  tokenEndpoint: `${ISSUER}/token`,
  issuer: ISSUER,
  scope: "openid",
};

function jwt(claims: unknown): string {
  const payload = btoa(JSON.stringify(claims)).replaceAll("=", "")
    .replaceAll("+", "-").replaceAll("/", "_");
  return `e30.${payload}.c2ln`;
}

/** What a provider answers of its user, and what it was asked for. */
interface Stage extends Disposable {
  readonly cache: MemCache;
  readonly messages: string[];
  /** How many refreshes were sent. */
  refreshes: number;
  /** What the next answers say besides what is right. */
  says: Record<string, unknown> | undefined;
  authorize(options?: AuthorizeOptions): ReturnType<typeof authorize>;
}

function stage(): Stage {
  const reserved = reservePort();
  const cache = new MemCache();
  let nonce: string | null = null;
  const token: typeof fetch = async (input, init) => {
    const sent = new URLSearchParams(await new Request(input, init).text());
    const isLogin = sent.get("grant_type") === "authorization_code";
    if (!isLogin) it.refreshes++;
    const time = Math.floor(Date.now() / 1000);
    return Response.json({
      access_token: `A${it.refreshes}`,
      refresh_token: `R${it.refreshes}`,
      token_type: "Bearer",
      expires_in: 600,
      ...(it.says !== undefined && {
        id_token: jwt({
          iss: ISSUER,
          sub: "user-1",
          aud: "KEY",
          iat: time,
          exp: time + 60,
          ...(isLogin && { nonce }),
          ...it.says,
        }),
      }),
    });
  };
  const it: Stage = {
    cache,
    messages: [],
    refreshes: 0,
    says: {},
    authorize: (options) =>
      authorize({
        provider: PROVIDER,
        consumerKey: "KEY",
        callbackUrl: `http://localhost:${reserved.port}`,
        cache,
        fetch: token,
        log: (level, message) => void it.messages.push(`${level}: ${message}`),
        openUrl: async (url) => {
          const asked = new URL(url).searchParams;
          nonce = asked.get("nonce");
          const redirect = new URL(asked.get("redirect_uri") ?? "");
          redirect.searchParams.set("code", "CODE");
          redirect.searchParams.set("state", asked.get("state") ?? "");
          await (await fetch(redirect)).body?.cancel();
        },
        ...options,
      }),
    [Symbol.dispose]: () => reserved[Symbol.dispose](),
  };
  return it;
}

Deno.test("Authorization.claims says who logged in, now and in a later program, and the newest word on them", async () => {
  using it = stage();
  it.says = { email: "a@acme.example" };
  const td = await it.authorize();
  const claims = { iss: ISSUER, sub: "user-1", email: "a@acme.example" };
  assert.deepEqual(td.claims, claims);
  const later = await it.authorize({ interactive: false });
  assert.deepEqual(later.claims, claims);
  it.says = { email: "b@acme.example" };
  await later.refresh();
  assert.equal(later.claims?.["email"], "b@acme.example");
  it.says = undefined; // many providers send no id_token at a refresh
  await later.refresh();
  assert.equal(later.claims?.["email"], "b@acme.example");
  assert.equal(it.refreshes, 2);
});

Deno.test("Authorization shows no claims when it is logged or serialized: they are personal", async () => {
  using it = stage();
  it.says = { email: "a@acme.example" };
  const td = await it.authorize();
  for (const text of [JSON.stringify(td), Deno.inspect(td)]) {
    assert.doesNotMatch(text, /acme\.example|user-1/);
  }
});

Deno.test("authorize() logs in with an id_token that does not hold, and says once that it does not know the user", async () => {
  using it = stage();
  it.says = { aud: "OTHER" };
  const td = await it.authorize();
  assert.equal(td.claims, undefined);
  assert.equal(await td.token(), "A0");
  const said = () => it.messages.filter((text) => /id_token/.test(text));
  assert.deepEqual(said(), [
    "warning: who has logged in is not known, for the id_token of Acme is not taken: it is for another app",
  ]);
  await td.refresh();
  assert.equal(said().length, 1);
});

for (
  const [what, other] of [
    ["user", { sub: "user-2" }],
    ["user of the same name at another issuer", { iss: `${ISSUER}/b` }],
  ] as const
) {
  Deno.test(`Authorization.refresh() takes no tokens of another ${what}, keeps the old ones, and says once that a login is needed`, async () => {
    using it = stage();
    const { issuer: _, ...provider } = PROVIDER;
    const td = await it.authorize({ provider });
    it.says = other;
    const { message } = await failsWith("login_needed", td.refresh());
    assert.match(message, /another user's tokens/);
    const stored = await tokensIn(it.cache).load();
    assert.equal(stored.refreshToken.token, "R0");
    assert.equal(stored.claims?.sub, "user-1");
    assert.equal(it.refreshes, 1);
    await failsWith("login_needed", td.refresh());
    assert.equal(it.refreshes, 1, "the refusal is remembered");
  });
}

Deno.test("a login of another user leaves no claim of the one before", async () => {
  using it = stage();
  it.says = { email: "a@acme.example" };
  await (await it.authorize()).logout();
  it.says = { sub: "user-2" };
  const td = await it.authorize();
  assert.deepEqual(td.claims, { iss: ISSUER, sub: "user-2" });
  await td.logout();
  it.says = undefined;
  assert.equal((await it.authorize()).claims, undefined);
});

Deno.test("parseTokens() takes the claims of another login for none, which an older tdauth leaves in the file", () => {
  const file = {
    access_token: { token: "A", access_time: 1_700_000_000, expires_in: 600 },
    refresh_token: null,
    version: 1,
    login_time: 1_700_000_000,
    identity: {
      login_time: 1_700_000_000,
      claims: { iss: ISSUER, sub: "user-1", n: [1] },
    },
  };
  const of = (changes: Record<string, unknown>) =>
    parseTokens(JSON.stringify({ ...file, ...changes })).claims;
  assert.deepEqual(of({}), file.identity.claims);
  assert.equal(of({ login_time: 1_700_000_001 }), undefined);
  assert.equal(of({ login_time: undefined }), undefined);
  for (
    const identity of [
      null,
      7,
      [],
      {},
      { login_time: 1_700_000_000 },
      { login_time: 1_700_000_000, claims: null },
      { login_time: 1_700_000_000, claims: { iss: ISSUER } },
      { login_time: 1_700_000_000, claims: { iss: ISSUER, sub: 7 } },
    ]
  ) assert.equal(of({ identity }), undefined, JSON.stringify(identity));
  const tokens = parseTokens(JSON.stringify(file));
  assert.deepEqual(
    parseTokens(formatTokens(tokens)).claims,
    file.identity.claims,
  );
});
