/** What a logout does, and what it says that it could not do. */
import assert from "node:assert/strict";
import {
  AccessToken,
  authorize,
  MemCache,
  type Provider,
  RefreshToken,
  TdauthError,
} from "../../mod.ts";
import { clientAfter } from "../../src/client/client_journal.ts";
import { logout } from "../../src/client/logout.ts";
import { ClientAttempts } from "../../src/oauth/client_attempts.ts";
import { tokensIn } from "../tokens_in.ts";

const NOW = 1_700_000_000;
const now = () => NOW * 1000;
const provider: Provider = {
  id: "acme",
  name: "Acme",
  authorizationEndpoint: "https://acme.example/authorize",
  tokenEndpoint: "https://acme.example/token",
};
const revoking: Provider = {
  ...provider,
  revocationEndpoint: "https://acme.example/revoke",
};
const ACCESS_END = NOW + 1800;
const REFRESH_END = NOW + 604_800;

/** A cache with tokens that have just been issued. */
async function filled(
  { access = 1800, refresh = 604_800, age = 0, owner = "acme" } = {},
): Promise<MemCache> {
  const cache = new MemCache({ now });
  const data = { accessTime: NOW - age };
  await tokensIn(cache, now).save({
    accessToken: new AccessToken(
      { ...data, token: "A", expiresIn: access },
      now,
    ),
    refreshToken: new RefreshToken({
      ...data,
      token: "R",
      expiresIn: refresh,
    }, now),
    provider: owner,
  }, "login");
  return cache;
}

type Answers = Readonly<
  Record<"refresh_token" | "access_token", () => Response>
>;
const good = () => new Response();
const unsupported = () =>
  Response.json({ error: "unsupported_token_type" }, { status: 400 });
const away = () => new Response("away", { status: 503 });

/** A `fetch` that answers revocations by the kind of token. */
function answering(answers: Answers, sent: string[]): typeof fetch {
  return (_input, init) => {
    const body = new URLSearchParams(String(init?.body));
    sent.push(String(body.get("token")));
    const refresh = body.get("token_type_hint") === "refresh_token";
    return Promise.resolve(
      answers[refresh ? "refresh_token" : "access_token"](),
    );
  };
}

const ALL_GOOD: Answers = { refresh_token: good, access_token: good };

for (
  const [what, options, expected, sends] of [
    ["revokes both tokens", {}, { revoked: true }, "RA"],
    ["cannot revoke at a provider without an endpoint", { provider }, {
      revoked: false,
      validUntil: REFRESH_END,
    }, ""],
    [
      "cannot revoke tokens without a known end",
      {
        provider,
        tokens: { refresh: Infinity },
      },
      { revoked: false, validUntil: Infinity },
      "",
    ],
    [
      "leaves nothing when all tokens have expired",
      {
        provider,
        tokens: { age: 604_800 },
      },
      { revoked: false },
      "",
    ],
    [
      "revokes the refresh token, and cannot revoke the access token",
      {
        answers: { ...ALL_GOOD, access_token: unsupported },
      },
      { revoked: true, validUntil: ACCESS_END },
      "RA",
    ],
    ["fails to revoke anything", {
      answers: { ...ALL_GOOD, refresh_token: away },
    }, {
      revoked: false,
      validUntil: REFRESH_END,
      error: "broker_unavailable",
    }, "R"],
    ["fails to revoke the access token", {
      answers: { ...ALL_GOOD, access_token: away },
    }, {
      revoked: true,
      validUntil: ACCESS_END,
      error: "broker_unavailable",
    }, "RA"],
    [
      "leaves to the keeper what the keeper uses",
      { keeper: "ssh://nas" },
      { revoked: false },
      "",
    ],
    [
      "sends another provider's tokens nowhere",
      {
        tokens: { owner: "other" },
      },
      { revoked: false, validUntil: REFRESH_END },
      "",
    ],
  ] satisfies readonly [
    string,
    {
      provider?: Provider;
      answers?: Answers;
      tokens?: Parameters<typeof filled>[0];
      keeper?: string;
    },
    unknown,
    string,
  ][]
) {
  Deno.test(`logout() ${what}, empties the cache and says so`, async () => {
    const { provider = revoking, answers = ALL_GOOD, tokens, keeper }: {
      provider?: Provider;
      answers?: Answers;
      tokens?: Parameters<typeof filled>[0];
      keeper?: string;
    } = options;
    const cache = await filled(tokens);
    const sent: string[] = [];
    const { error, ...result } = await logout({
      cache: tokensIn(cache, now),
      provider: { id: "acme", get: () => Promise.resolve(provider) },
      app: { consumerKey: "KEY" },
      settings: { keeper },
      fetch: answering(answers, sent),
      log: () => {},
    });
    assert.deepEqual(
      {
        ...result,
        ...(error instanceof TdauthError && { error: error.code }),
      },
      expected,
    );
    // What is told of a logout must hold for tokens that are gone.
    if (error instanceof TdauthError) {
      assert.match(String(error.hint), /the stored tokens are gone/);
    }
    assert.equal([...new Set(sent)].join(""), sends);
    assert.equal(cache.refreshToken.token, undefined);
    assert.equal(cache.accessToken.token, undefined);
  });
}

Deno.test("Authorization.logout() returns what was revoked, and throws when that failed", async () => {
  const options = {
    consumerKey: "KEY",
    interactive: false,
    log: () => {},
    now,
  };
  const td = async (provider: Provider, answers: Answers) =>
    await authorize({
      ...options,
      provider,
      cache: await filled(),
      fetch: answering(answers, []),
    });
  assert.deepEqual(await (await td(revoking, ALL_GOOD)).logout(), {
    revoked: true,
  });
  const left = await td(provider, ALL_GOOD);
  assert.deepEqual(await left.logout(), {
    revoked: false,
    validUntil: REFRESH_END,
  });
  assert.equal(left.accessToken.token, undefined);
  const failing = await td(revoking, { ...ALL_GOOD, refresh_token: away });
  await assert.rejects(
    failing.logout(),
    (error) =>
      error instanceof TdauthError && error.code === "broker_unavailable",
  );
  assert.equal(failing.accessToken.token, undefined);
});

Deno.test("logout() sends nothing of a client that is known to be rejected, nor a refresh token that was rejected three times", async () => {
  const app = { consumerKey: "KEY", consumerSecret: "SECRET" };
  const rejecting = new ClientAttempts();
  rejecting.reject(
    "client_secret_basic",
    new TdauthError("invalid_client", "Cannot: it is wrong"),
  );
  const known = { ...revoking, announcedAuthentications: [] };
  const client = await clientAfter({ app, now }, known, rejecting, {});
  const refused = { time: NOW, reason: "revoked" };
  for (
    const [change, sends, code] of [
      [{}, "RA", undefined],
      [{ client }, "", "invalid_client"],
      [{ refreshRefused: { ...refused, times: 2 } }, "RA", undefined],
      [{ refreshRefused: { ...refused, times: 3 } }, "A", undefined],
    ] as const
  ) {
    const cache = tokensIn(await filled(), now);
    await cache.save({
      ...await cache.load(),
      ...("client" in change && change.client ? { client: change.client } : {}),
      ...("refreshRefused" in change && change),
    }, "journal");
    const sent: string[] = [];
    const { error } = await logout({
      cache,
      provider: { id: "acme", get: () => Promise.resolve(known) },
      app,
      now,
      log: () => {},
      fetch: answering(ALL_GOOD, sent),
    });
    assert.equal(sent.join(""), sends);
    assert.equal(error instanceof TdauthError ? error.code : undefined, code);
    if (error instanceof TdauthError) {
      assert.match(
        error.message,
        /^Cannot revoke the tokens .*nothing was sent/,
      );
    }
    assert.equal((await cache.load()).refreshToken.token, undefined);
  }
});
