/** A token endpoint that answers anything: a grant or an error of the fitting code comes of it, and no secret. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { formatTokens, parseTokens } from "../../src/token/token_json.ts";
import { TdauthError } from "../../src/base/errors.ts";
import { renderCallbackPage } from "../../src/login/callback_page.ts";
import type { Grant } from "../../src/oauth/grant.ts";
import {
  exchangeCode,
  type ProtocolOptions,
  refreshGrant,
} from "../../src/oauth/protocol.ts";
import { tokensFromGrant } from "../../src/oauth/tokens_from_grant.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { schwab } from "../../src/providers/schwab.ts";
import { tdAmeritrade } from "../../src/providers/td_ameritrade.ts";
import { networkRuns, runs } from "./fuzz.ts";

const MIB = 1_048_576;
const app = { consumerKey: "KEY", consumerSecret: "CANARY-s3cret/+ @ü" };
const REFRESH = "CANARY-refresh/+=@token";
const CODE = "CANARY-C0.code+/=@";
const VERIFIER = "CANARY-verifier-0123456789012345678901234567890";
const STATE = "the-state";
/** Secrets in a response that no output may show. */
const IN_BODY = "CANARY-IN-BODY";
/** What a broker may repeat of a request, in the forms in which it was sent. */
function echoes(step: Step, provider: Provider): string[] {
  const own = step === "refresh" ? REFRESH : CODE;
  const { consumerKey, consumerSecret } = app;
  const basic = new TextEncoder().encode(`${consumerKey}:${consumerSecret}`);
  return [
    ...sent(consumerSecret),
    ...sent(own),
    ...(provider.id === "schwab" ? [btoa(String.fromCharCode(...basic))] : []),
  ];
}

function sent(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    String(new URLSearchParams({ x: secret })).slice(2),
  ];
}

const OTHER: Provider = {
  id: "other",
  name: "Other",
  authorizationEndpoint: "https://broker.example/authorize",
  tokenEndpoint: "https://broker.example/token",
};
const PROVIDERS = [
  schwab(),
  tdAmeritrade({ origin: "https://b.example" }),
  OTHER,
];

type Step = "refresh" | "exchange";

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}

function ask(
  step: Step,
  provider: Provider,
  options: ProtocolOptions,
): Promise<Grant> {
  return step === "refresh"
    ? refreshGrant(provider, app, REFRESH, false, options)
    : exchangeCode(
      provider,
      app,
      "https://127.0.0.1:8182",
      { state: STATE, codeVerifier: VERIFIER },
      new URLSearchParams({ code: CODE, state: STATE }),
      options,
    );
}

/** A lifetime, a token, or anything else. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e-320,
    1e21,
    1e300,
    Number.MAX_VALUE,
    "",
    "1800",
    "1e999",
    "0x10",
    IN_BODY,
    [],
    {},
  ),
  fc.double(),
  fc.string({ unit: "binary" }),
  fc.jsonValue(),
);

/** Stands for one of the request's secrets; the step is drawn elsewhere. */
const ECHO = "ECHO-OF-THE-REQUEST";
const errorText = fc.oneof(
  fc.constantFrom<unknown>(
    "invalid_grant",
    "invalid_client",
    "unsupported_token_type",
    "refresh_token_authentication_error",
    "server_error",
    "toString",
    "__proto__",
  ),
  fc.tuple(fc.string({ unit: "binary" }), fc.string()).map((parts) =>
    parts.join(` ${ECHO} `)
  ),
  anything.filter((value) => value !== IN_BODY),
);

/** An object as a token endpoint gives it, with any of its values replaced. */
const oauthLike = fc.record({
  access_token: fc.oneof(
    { weight: 3, arbitrary: fc.constant<unknown>("ACCESS") },
    { weight: 1, arbitrary: anything },
  ),
  token_type: fc.oneof(fc.constant<unknown>("Bearer"), anything),
  expires_in: anything,
  refresh_token: fc.oneof(fc.constant<unknown>(IN_BODY), anything),
  refresh_token_expires_in: anything,
  scope: anything,
  id_token: anything,
  error: errorText,
  error_description: errorText,
  error_uri: anything,
  __proto__: fc.constant({ access_token: IN_BODY }),
  constructor: anything,
}, { requiredKeys: [] }).map((value) => JSON.stringify(value));

const body = fc.oneof(
  { weight: 6, arbitrary: oauthLike },
  {
    weight: 1,
    arbitrary: oauthLike.chain((text) =>
      fc.nat(text.length).map((length) => text.slice(0, length))
    ),
  },
  { weight: 1, arbitrary: oauthLike.map((text) => `\uFEFF \n${text}`) },
  { weight: 2, arbitrary: fc.json() },
  {
    weight: 2,
    arbitrary: fc.string().map((text) =>
      `<!doctype html><p>${IN_BODY} ${text}`
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 500 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "",
      "null",
      `"${IN_BODY}"`,
      "[".repeat(100_000),
      `{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
      '{"access_token":"a","access_token":{"__proto__":1}}',
    ),
  },
);

const answer: fc.Arbitrary<Answer> = fc.record({
  status: fc.oneof(
    fc.constant(200),
    fc.constantFrom(201, 400, 401, 403, 429, 500, 503),
    fc.integer({ min: 200, max: 599 }),
  ),
  type: fc.oneof(
    fc.constantFrom(
      undefined,
      "application/json",
      "application/json;charset=utf-16",
      "text/html",
      "application/octet-stream",
    ),
    fc.stringMatching(/^[a-z/;= -]{0,20}$/),
  ),
  body,
});

/** Puts one of the request's secrets into an answer that repeats it. */
function repeat(
  body: string,
  step: Step,
  provider: Provider,
  which: number,
): string {
  const all = echoes(step, provider);
  return body.replaceAll(ECHO, all[which % all.length] ?? "");
}

/** Looks at whatever came of an answer. */
async function checkOutcome(
  step: Step,
  provider: Provider,
  status: number,
  outcome: Grant | unknown,
): Promise<string> {
  if (!(outcome instanceof Error)) {
    await checkGrant(provider, outcome as Grant);
    assert.ok(status < 300, `a grant from ${status}`);
    return "grant";
  }
  assert.ok(outcome instanceof TdauthError, Deno.inspect(outcome));
  const shown = [
    outcome.message,
    outcome.hint,
    outcome.stack,
    Deno.inspect(outcome, { depth: 100, showHidden: true }),
    JSON.stringify(outcome),
  ].join("\n");
  for (const secret of [IN_BODY, ...echoes(step, provider)]) {
    assert.ok(!shown.includes(secret), `${secret} is shown: ${shown}`);
  }
  assert.ok(!/\p{Cc}/u.test(outcome.message), outcome.message);
  assert.ok(outcome.message.length < 600);
  const { code } = outcome;
  if ([408, 425, 429].includes(status) || status >= 500) {
    assert.equal(code, "broker_unavailable", `${status}: ${outcome.message}`);
  } else {
    assert.ok(
      [
        "unexpected_answer",
        "invalid_client",
        // The table of tests/oauth/token_error_test.ts says when.
        "broker_unavailable",
        step === "refresh" ? "login_needed" : "login_failed",
      ].includes(code),
      `${code} from ${status}`,
    );
  }
  return code;
}

/** A grant whose tokens can be kept, shown and used. */
async function checkGrant(provider: Provider, grant: Grant): Promise<void> {
  assert.ok(typeof grant.accessToken === "string" && grant.accessToken !== "");
  // It goes into a header and onto a terminal.
  assert.match(grant.accessToken, /^[\x20-\x7e]+$/);
  const { expiresIn, refreshTokenExpiresIn } = grant;
  assert.ok(
    expiresIn === undefined || expiresIn > 0 && Number.isFinite(expiresIn),
  );
  assert.ok(refreshTokenExpiresIn === undefined || refreshTokenExpiresIn > 0);
  const { refreshToken, scope } = grant;
  assert.ok(refreshToken === undefined || refreshToken !== "");
  assert.ok(scope === undefined || typeof scope === "string");
  const now = () => 1_800_000_000_000;
  const tokens = tokensFromGrant(provider, grant, {
    askedAt: now(),
    log: () => {},
    consumerKey: app.consumerKey,
    now,
  });
  const again = parseTokens(formatTokens(tokens), now);
  assert.equal(again.accessToken.token, grant.accessToken);
  assert.equal(again.accessToken.valid, tokens.accessToken.valid);
  const { scope: _, ...shown } = tokens; // which is no secret
  assert.ok(!Deno.inspect(shown).includes("CANARY"));
  const { html } = await renderCallbackPage({
    kind: "success",
    broker: provider.name,
    app: app.consumerKey,
    nextLogin: new Date(tokens.refreshToken.expiry * 1000),
  });
  assert.ok(!/NaN|Invalid/.test(html));
}

const settled = (promise: Promise<Grant>): Promise<Grant | unknown> =>
  promise.catch((error) => error);

Deno.test("refreshGrant() and exchangeCode() turn any response into a sane grant or a fitting TdauthError, and show no secret of it", async () => {
  const outcomes = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Step>("refresh", "exchange"),
      fc.constantFrom(...PROVIDERS),
      answer,
      fc.nat(),
      async (step, provider, { status, type, body: drawn }, which) => {
        const body = repeat(drawn, step, provider, which);
        const empty = [204, 205, 304].includes(status);
        const respond = () =>
          Promise.resolve(
            new Response(empty ? null : body, {
              status,
              headers: type === undefined ? {} : { "content-type": type },
            }),
          );
        const outcome = await settled(ask(step, provider, { fetch: respond }));
        const kind = await checkOutcome(step, provider, status, outcome);
        outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
        if (kind === "login_needed") {
          assert.ok(
            [400, 401, 403].includes(status) || /error|errors|fault/.test(body),
            `${kind} from ${status}: ${body}`,
          );
        }
      },
    ),
    runs(3000),
  );
  // The draw was good enough to meet them all.
  assert.deepEqual([...outcomes.keys()].sort(), [
    "broker_unavailable",
    "grant",
    "invalid_client",
    "login_failed",
    "login_needed",
    "unexpected_answer",
  ]);
});

Deno.test("refreshGrant() reads a response of up to 1 MiB and no more, whatever its status and size", async () => {
  for (const size of [MIB - 1, MIB, MIB + 1, 3 * MIB]) {
    for (const status of [200, 400, 401, 429, 503]) {
      const good = '{"access_token":"ACCESS","error":7,"x":"';
      const body = `${good}${"x".repeat(size - good.length - 2)}"}`;
      assert.equal(body.length, size);
      const outcome = await settled(
        ask("refresh", OTHER, {
          fetch: () => Promise.resolve(new Response(body, { status })),
        }),
      );
      const kind = await checkOutcome("refresh", OTHER, status, outcome);
      if (status === 200) {
        assert.equal(kind, size > MIB ? "unexpected_answer" : "grant");
      }
    }
  }
});

/** A token endpoint that sends given bytes and closes, or keeps the connection. */
function endpoint() {
  let bytes: Uint8Array = new Uint8Array();
  let stay = false;
  let sent = Promise.withResolvers<void>();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const serving = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      serve(connection).catch(() => {}).finally(() => {
        if (stay) return;
        open.delete(connection);
        try {
          connection.close();
        } catch {
          // the client was faster
        }
      });
    }
  })();
  async function serve(connection: Deno.Conn): Promise<void> {
    let request = "";
    const buffer = new Uint8Array(8192);
    // Headers and the whole small body, or else a reset would overtake the answer.
    for (;;) {
      const read = await connection.read(buffer);
      if (read === null) return;
      request += new TextDecoder("latin1").decode(buffer.subarray(0, read));
      const end = request.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(request)?.[1] ?? 0);
      if (end !== -1 && request.length >= end + 4 + length) break;
    }
    for (let written = 0; written < bytes.length;) {
      written += await connection.write(bytes.subarray(written));
    }
    sent.resolve();
    if (!stay) await connection.closeWrite();
  }
  const { port } = listener.addr;
  return {
    provider: { ...OTHER, tokenEndpoint: `http://127.0.0.1:${port}/token` },
    /** Waits until what there is of an answer is sent. */
    sent: () => sent.promise,
    answer(text: string | Uint8Array, andStay = false) {
      sent = Promise.withResolvers();
      bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
      stay = andStay;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) connection.close();
      await serving;
    },
  };
}

Deno.test("refreshGrant() and exchangeCode() turn any bytes from a server, cut short or not, into a sane grant or a fitting TdauthError", async () => {
  await using server = endpoint();
  const framing = fc.constantFrom(
    "exact",
    "longer",
    "shorter",
    "none",
    "chunked",
    "unended",
    "gzip",
  );
  let grants = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Step>("refresh", "exchange"),
      answer,
      framing,
      fc.nat(50),
      async (step, { status, type, body: drawn }, framing, by) => {
        const body = repeat(drawn, step, server.provider, by);
        const length = new TextEncoder().encode(body).length;
        const sent = framing === "longer"
          ? length + by + 1
          : framing === "shorter"
          ? Math.max(0, length - by)
          : length;
        const headers = framing === "none"
          ? ""
          : framing === "chunked" || framing === "unended"
          ? "Transfer-Encoding: chunked\r\n"
          : `Content-Length: ${sent}\r\n`;
        const size = length.toString(16);
        const chunk = length === 0 ? "" : `${size}\r\n${body}\r\n`;
        server.answer(
          `HTTP/1.1 ${status} Whatever\r\nConnection: close\r\n${headers}${
            type === undefined ? "" : `Content-Type: ${type}\r\n`
          }${framing === "gzip" ? "Content-Encoding: gzip\r\n" : ""}\r\n${
            framing === "chunked"
              ? `${chunk}0\r\n\r\n`
              : framing === "unended"
              ? chunk
              : body
          }`,
        );
        const outcome = await settled(ask(step, server.provider, { fetch }));
        // An answer that was cut is no answer: the broker may be asked again.
        if (
          outcome instanceof TdauthError &&
          outcome.code === "broker_unavailable"
        ) {
          assert.ok(!Deno.inspect(outcome).includes("CANARY"));
          return;
        }
        const empty = [204, 205, 304].includes(status);
        assert.ok(
          empty || !["longer", "unended", "gzip"].includes(framing) ||
            length === 0,
          `${framing} ${status} gave ${Deno.inspect(outcome)}`,
        );
        const kind = await checkOutcome(
          step,
          server.provider,
          status,
          outcome,
        );
        if (kind === "grant") grants++;
      },
    ),
    networkRuns(400),
  );
  assert.ok(grants > 10, `${grants}`);
});

Deno.test("refreshGrant() treats bytes that are not HTTP as an unavailable broker", async () => {
  await using server = endpoint();
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }).filter((bytes) =>
        !new TextDecoder("latin1").decode(bytes).startsWith("HTTP/1")
      ),
      async (bytes) => {
        server.answer(bytes);
        const outcome = await settled(
          ask("refresh", server.provider, { fetch }),
        );
        assert.ok(outcome instanceof TdauthError, Deno.inspect(outcome));
        assert.equal(outcome.code, "broker_unavailable");
      },
    ),
    networkRuns(60),
  );
});

Deno.test("refreshGrant() waits no longer than its signal allows for an endless response", async () => {
  await using server = endpoint();
  for (
    const beginning of [
      "",
      "HTTP/1.1 200 OK\r\n",
      'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"access_token":"A"',
    ]
  ) {
    server.answer(beginning, true);
    const end = new AbortController();
    const reason = new Error("enough");
    let ended = false;
    const outcome = settled(
      ask("refresh", server.provider, { fetch, signal: end.signal }),
    ).finally(() => ended = true);
    await server.sent();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(ended, false, beginning);
    end.abort(reason);
    assert.equal(await outcome, reason, beginning);
  }
});

Deno.test("refreshGrant() does not wait for the rest of a failing server's response", async () => {
  await using server = endpoint();
  server.answer("HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\n{}", true);
  const outcome = await settled(ask("refresh", server.provider, { fetch }));
  assert.ok(outcome instanceof TdauthError, Deno.inspect(outcome));
  assert.equal(outcome.code, "broker_unavailable");
  assert.match(outcome.message, /503/);
});
