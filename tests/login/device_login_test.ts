import assert from "node:assert/strict";
import type { TdauthError } from "../../src/base/errors.ts";
import {
  deviceLogin,
  type DeviceLoginOptions,
} from "../../src/login/device_login.ts";
import type { LoginEvent } from "../../src/login/login_event.ts";
import type { Provider } from "../../src/providers/provider.ts";
import type { Tokens } from "../../src/token/token.ts";
import { failsWith } from "../support.ts";

const provider: Provider = {
  id: "acme",
  name: "Acme",
  authorizationEndpoint: "https://acme.example/authorize",
  tokenEndpoint: "https://acme.example/token",
  deviceAuthorizationEndpoint: "https://acme.example/device",
  scope: "read offline_access",
  authorizationParameters: { audience: "api" },
};
const CODE = {
  device_code: "CANARY-DEVICE-CODE",
  user_code: "BCDF-GHJK",
  verification_uri: "https://acme.example/enter",
  expires_in: 600,
};
const TOKENS = {
  access_token: "CANARY-ACCESS",
  token_type: "Bearer",
  expires_in: 1800,
  refresh_token: "CANARY-REFRESH",
};
const PENDING = { error: "authorization_pending" };
const SLOW = { error: "slow_down" };

/** An answer of the scripted provider: JSON, a response, or a failure of the network. */
type Scripted = object | Response | Error;

interface Run {
  readonly events: LoginEvent[];
  /** The pauses before the polls, in seconds. */
  readonly pauses: number[];
  readonly requests: { url: string; body: Record<string, string> }[];
  readonly stored: Tokens[];
  readonly result: Promise<Tokens | undefined>;
  /** Lets the time of the whole login be over; its length is `limit`. */
  timeIsOver(): void;
  limit: number | undefined;
}

/** Logs in against prepared answers: the code first, then those to polls; the last one is repeated. */
function run(
  answers: readonly Scripted[],
  more: Partial<DeviceLoginOptions> & {
    readonly onPause?: (pause: number) => void;
  } = {},
): Run {
  const started: Run = {
    events: [],
    pauses: [],
    requests: [],
    stored: [],
    limit: undefined,
    timeIsOver: () => {},
    result: Promise.resolve(undefined),
  };
  const { onPause, ...options } = more;
  const result = deviceLogin({
    provider,
    app: { consumerKey: "KEY", consumerSecret: "CANARY-SECRET" },
    loginTimeout: 300,
    store: (tokens) => Promise.resolve(void started.stored.push(tokens)),
    onEvent: (event) => started.events.push(event),
    now: () => 1_000_000,
    log: () => {},
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const at = Math.min(started.requests.length, answers.length - 1);
      started.requests.push({
        url: request.url,
        body: Object.fromEntries(new URLSearchParams(await request.text())),
      });
      const answer = answers[at];
      if (answer instanceof Error) throw answer;
      if (answer instanceof Response) return answer.clone();
      const status = answer !== undefined && "error" in answer ? 400 : 200;
      return Response.json(answer, { status });
    },
    sleep: (milliseconds, signal) => {
      signal?.throwIfAborted();
      started.pauses.push(milliseconds / 1000);
      onPause?.(started.pauses.length);
      signal?.throwIfAborted();
      return Promise.resolve();
    },
    after: (milliseconds, act) => {
      started.limit = milliseconds / 1000;
      started.timeIsOver = act;
      return () => {};
    },
    ...options,
  });
  result.catch(() => {});
  return Object.assign(started, { result });
}

const typesOf = ({ events }: Run) => events.map(({ type }) => type);

Deno.test("deviceLogin() requests a code with the scope and the provider's parameters, shows it, polls and stores the tokens", async () => {
  const login = run([CODE, PENDING, PENDING, TOKENS]);
  const tokens = await login.result;
  assert.deepEqual(login.requests.map(({ url, body }) => [url, body]), [
    [provider.deviceAuthorizationEndpoint, {
      client_id: "KEY",
      scope: "read offline_access",
      audience: "api",
    }],
    ...Array(3).fill([provider.tokenEndpoint, {
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      device_code: CODE.device_code,
    }]),
  ]);
  assert.deepEqual(typesOf(login), ["device", "done"]);
  const [event] = login.events;
  assert.ok(event?.type === "device");
  assert.deepEqual(
    [event.broker, event.userCode, event.verificationUri],
    ["Acme", "BCDF-GHJK", "https://acme.example/enter"],
  );
  assert.ok(!JSON.stringify(login.events).includes("CANARY"));
  assert.deepEqual(login.stored, [tokens]);
  assert.equal(tokens?.accessToken.token, TOKENS.access_token);
  assert.equal(tokens?.loginTime, 1000);
});

Deno.test("deviceLogin() polls every 5 seconds, or as often as the answer says", async () => {
  for (
    const [interval, pause] of [[undefined, 5], [2, 2], ["7", 7], [0, 5], [
      9999,
      60,
    ]]
  ) {
    const login = run([{ ...CODE, interval }, PENDING, TOKENS]);
    await login.result;
    assert.deepEqual(login.pauses, [pause, pause], `${interval}`);
  }
});

Deno.test("deviceLogin() polls 5 seconds slower after each slow_down, for good", async () => {
  const login = run([CODE, PENDING, SLOW, PENDING, SLOW, PENDING, TOKENS]);
  await login.result;
  assert.deepEqual(login.pauses, [5, 5, 10, 10, 15, 15]);
});

Deno.test("deviceLogin() understands pending and slow_down with the statuses of Google, Auth0 and GitHub", async () => {
  const login = run([
    CODE,
    Response.json(PENDING, { status: 428 }),
    Response.json(PENDING, { status: 403 }),
    Response.json(PENDING, { status: 200 }),
    Response.json(SLOW, { status: 403 }),
    Response.json(SLOW, { status: 429 }),
    TOKENS,
  ]);
  await login.result;
  assert.deepEqual(login.pauses, [5, 5, 5, 5, 10, 15]);
  assert.deepEqual(typesOf(login), ["device", "done"]);
});

Deno.test("deviceLogin() doubles its pause while the provider cannot be reached, says so once, and goes on", async () => {
  const down = new TypeError("connection reset");
  const bad = new Response("<html>", { status: 502 });
  const login = run([CODE, down, bad, down, down, down, PENDING, down, TOKENS]);
  await login.result;
  assert.deepEqual(login.pauses, [5, 10, 20, 40, 60, 60, 5, 10]);
  assert.deepEqual(typesOf(login), [
    "device",
    "retrying",
    "retrying",
    "done",
  ]);
});

Deno.test("deviceLogin() waits as long as Retry-After says", async () => {
  const headers = { "retry-after": "25" };
  const login = run([
    CODE,
    new Response("", { status: 503, headers }),
    TOKENS,
  ]);
  await login.result;
  assert.deepEqual(login.pauses, [5, 25]);
});

const ENDS = [
  ["access_denied", "login_denied", /access was denied/],
  ["authorization_declined", "login_denied", /access was denied/],
  ["expired_token", "login_timeout", /the code expired/],
  ["code_expired", "login_timeout", /the code expired/],
  ["invalid_grant", "login_failed", /no longer valid/],
  ["bad_verification_code", "login_failed", /no longer valid/],
  ["unauthorized_client", "invalid_client", /may not log in with a code/],
  ["invalid_client", "invalid_client", /./],
] as const;
for (const [error, code, message] of ENDS) {
  Deno.test(`deviceLogin() ends with ${code} when a poll is answered ${error}`, async () => {
    const said = { error, error_description: "CANARY-DEVICE-CODE \u001b[31m" };
    const login = run([CODE, PENDING, said]);
    const failure = await failsWith(code, login.result);
    assert.match(failure.message, message);
    assert.ok(!`${Deno.inspect(failure)}`.includes("CANARY"));
    assert.deepEqual(typesOf(login), ["device", "failed"]);
    assert.equal(login.requests.length, 3);
    assert.deepEqual(login.stored, []);
  });
}

Deno.test("deviceLogin() ends when the code has expired or the login's time is over, whichever is first", async () => {
  for (
    const [expires_in, limit, why] of [
      [60, 65, /the code expired before it was entered/],
      [900, 300, /timed out after 5 minutes/],
    ] as const
  ) {
    const login = run([{ ...CODE, expires_in }, PENDING], {
      onPause: (pause) => pause === 3 && login.timeIsOver(),
    });
    const failure = await failsWith("login_timeout", login.result);
    assert.equal(login.limit, limit);
    assert.match(failure.message, why);
    assert.equal(login.requests.length, 3);
  }
});

Deno.test("deviceLogin() stops when its signal is aborted: before the code, at a pause, and while a poll is under way", async () => {
  const before = run([CODE, PENDING], { signal: AbortSignal.abort() });
  await failsWith("login_cancelled", before.result);
  assert.equal(before.requests.length, 0);

  const stop = new AbortController();
  const pausing = run([CODE, PENDING], {
    signal: stop.signal,
    onPause: (pause) => pause === 2 && stop.abort(),
  });
  await failsWith("login_cancelled", pausing.result);
  assert.equal(pausing.requests.length, 2);

  const cut = new AbortController();
  let polls = 0;
  const polling = run([CODE], {
    signal: cut.signal,
    fetch: (_input, init) => {
      if (polls++ === 0) return Promise.resolve(Response.json(CODE));
      queueMicrotask(() => cut.abort());
      return new Promise((_, reject) =>
        init?.signal?.addEventListener(
          "abort",
          () => reject(init.signal?.reason),
        )
      );
    },
  });
  await failsWith("login_cancelled", polling.result);
});

Deno.test("deviceLogin() reads Google's verification_url, and leaves out a link that it cannot trust", async () => {
  const { verification_uri, ...rest } = CODE;
  const login = run([{
    ...rest,
    verification_url: verification_uri,
    verification_uri_complete: "javascript:alert(1)",
  }, TOKENS]);
  await login.result;
  const [event] = login.events;
  assert.ok(event?.type === "device");
  assert.equal(event.verificationUri, verification_uri);
  assert.equal(event.verificationUriComplete, undefined);
});

const HOSTILE = [
  ["a page over plain http", { verification_uri: "http://acme.example/enter" }],
  ["a page on this machine (line 55)", {
    verification_uri: "http://127.0.0.1:8080/enter",
  }],
  ["a page with a user name (line 60)", {
    verification_uri: "https://acme.example@evil.example/",
  }],
  ["a page that is no text", { verification_uri: ["https://acme.example/"] }],
  ["no web page", { verification_uri: "javascript:alert(1)" }],
  ["control characters in the code", { user_code: "A\u001b[2J" }],
  ["a code that no one could type", { user_code: "A".repeat(65) }],
  ["no device code", { device_code: "" }],
  ["no end", { expires_in: "soon" }],
] as const;
for (const [what, part] of HOSTILE) {
  Deno.test(`deviceLogin() refuses an answer with ${what}`, async () => {
    const login = run([{ ...CODE, ...part }, TOKENS]);
    const error = await failsWith("unexpected_answer", login.result);
    assert.ok(!/\p{Cc}/u.test(error.message));
    assert.equal(login.requests.length, 1);
    assert.deepEqual(typesOf(login), ["failed"]);
  });
}

Deno.test("deviceLogin() refuses a token of another type than Bearer (line 67)", async () => {
  const login = run([CODE, { ...TOKENS, token_type: "DPoP" }]);
  const error = await failsWith("unexpected_answer", login.result);
  assert.match(error.message, /its access token is of type DPoP/);
  assert.deepEqual(login.stored, []);
});

Deno.test("deviceLogin() leaves out a link to this machine or with a user name (lines 55 and 60)", async () => {
  for (
    const link of [
      "https://localhost/enter?code=BCDF",
      "https://[::ffff:127.0.0.1]/enter",
      "https://acme.example@evil.example/enter",
    ]
  ) {
    const login = run([{ ...CODE, verification_uri_complete: link }, TOKENS]);
    await login.result;
    const [event] = login.events;
    assert.ok(event?.type === "device");
    assert.equal(event.verificationUriComplete, undefined, link);
  }
});

Deno.test("deviceLogin() waits a day at most, whatever Retry-After says (line 57)", async () => {
  for (const seconds of ["9".repeat(40), "Thu, 01 Jan 9999 00:00:00 GMT"]) {
    const headers = { "retry-after": seconds };
    const login = run([
      CODE,
      new Response("", { status: 503, headers }),
      TOKENS,
    ]);
    await login.result;
    assert.deepEqual(login.pauses, [5, 86_400]);
  }
});

Deno.test("deviceLogin() leaves a login in a browser to its caller where the provider issues no code", async () => {
  const refused: TdauthError[] = [];
  const login = run([{ error: "unauthorized_client" }], {
    because: "this session has no display",
    onRefused: (error) => refused.push(error),
  });
  assert.equal(await login.result, undefined);
  assert.deepEqual(refused.map(({ code }) => code), ["invalid_client"]);
  assert.deepEqual(login.events, []);

  const asked = run([{ error: "unauthorized_client" }]);
  await failsWith("invalid_client", asked.result);
  assert.deepEqual(typesOf(asked), ["failed"]);
});
