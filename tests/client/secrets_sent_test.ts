/**
 * The rule of three: no answers of a server make tdauth send a secret more than
 * three times, whatever the commands, in one call and from one to the next.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { MemCache, type Provider, TdauthError } from "../../mod.ts";
import { cachedTokens } from "../../src/client/authorize.ts";
import { type Context, prepare } from "../../src/client/context.ts";
import { loggedIn } from "../../src/client/log_in.ts";
import { logout } from "../../src/client/logout.ts";
import { refresh } from "../../src/client/refresh.ts";
import type { LoginEvent } from "../../src/login/login_event.ts";

const NOW = 1_700_000_000;
const SECRET = "p+w/=%é :";
const ACME: Provider = {
  id: "acme",
  name: "Acme",
  authorizationEndpoint: "https://acme.example/authorize",
  tokenEndpoint: "https://acme.example/token",
  revocationEndpoint: "https://acme.example/revoke",
  deviceAuthorizationEndpoint: "https://acme.example/device",
};
const PROVIDERS: Readonly<Record<string, Provider>> = {
  "that says nothing of its client authentication": ACME,
  "that wants a Basic header": {
    ...ACME,
    clientAuthentication: "client_secret_basic",
    rotatesRefreshToken: false,
  },
};

/** What a server answers, and what that says of the secrets in the request. */
interface Answer {
  readonly says: "good" | "client" | "grant" | "nothing";
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}
const error = (says: Answer["says"], status: number, code: string): Answer => ({
  says,
  status,
  body: JSON.stringify({ error: code }),
});
const nothing = (
  status: number,
  body = "",
  headers?: Answer["headers"],
): Answer => ({
  says: "nothing",
  status,
  body,
  ...(headers && { headers }),
});
const GOOD: Answer = { says: "good", status: 200, body: "" };
const CLIENT = error("client", 401, "invalid_client");
const GRANT = error("grant", 400, "invalid_grant");
const PENDING = error("nothing", 400, "authorization_pending");
const KNOWN = [
  GOOD,
  CLIENT,
  GRANT,
  error("client", 400, "unauthorized_client"),
  error("grant", 401, "invalid_token"),
  error("grant", 403, "access_denied"),
  { ...GRANT, body: "" },
  nothing(503),
  nothing(429, "", { "retry-after": "0" }),
  nothing(200, "{}"),
  nothing(403, "<html>Access Denied</html>"),
  nothing(0, "cut"),
  nothing(0, "refused"),
  PENDING,
];
const ANSWERS = fc.oneof(
  fc.constantFrom(...KNOWN),
  fc.record({
    says: fc.constant<Answer["says"]>("nothing"),
    status: fc.integer({ min: 404, max: 599 }),
    body: fc.string(),
    headers: fc.constantFrom<Record<string, string>>({}, {
      "www-authenticate": "Basic",
    }),
  }),
);

/** What is done, in the order of a test; a number is a time that passes, in seconds. */
type Act = "login" | "device" | "script" | "token" | "refresh" | "logout";
type Step = Act | number;
const STEPS = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Step>("token", "refresh") },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Step>("login", "device", "script", "logout"),
  },
  { weight: 3, arbitrary: fc.constantFrom<Step>(1, 61, 601, 21_601, 1e6) },
);

/** Counts requests by what they carry. */
class Counter {
  /** What was sent a fourth time. */
  readonly over: string[] = [];
  readonly #counts = new Map<string, number>();

  add(...what: readonly string[]): void {
    const key = what.join(" ");
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (count > 3) this.over.push(`${key}: sent ${count} times`);
  }

  reset(...what: readonly string[]): void {
    const key = what.join(" ");
    for (const one of [...this.#counts.keys()]) {
      if (one.startsWith(key)) this.#counts.delete(one);
    }
  }
}

/** Does the steps against a server that answers well once, then like this, around and around. */
async function play(
  provider: Provider,
  answers: readonly Answer[],
  steps: readonly Step[],
): Promise<string[]> {
  let now = NOW;
  let asked = 0;
  let issued = 0;
  let act: Step = 0;
  const sent: string[] = [];
  const perCall = new Counter();
  const rejected = new Counter();

  const server: typeof fetch = (input, init) => {
    const { pathname } = new URL(String(input));
    const body = new URLSearchParams(String(init?.body));
    const basic = new Headers(init?.headers).has("authorization");
    // A user who needs more than two polls only makes the test longer.
    const settled = act === "device" && asked % 3 === 2;
    const answer = settled
      ? GOOD
      : answers[(asked - 1) % answers.length] ?? GOOD;
    asked++;
    sent.push(`${String(act)}${pathname} ${answer.says}`);
    const grants = ["refresh_token", "code", "device_code", "token"]
      .flatMap((name) => body.get(name) ?? []);
    const secrets = basic || body.has("client_secret")
      ? [SECRET, ...grants]
      : grants;
    for (const secret of secrets) {
      // A user who has not entered the code yet is asked for again: the protocol has it so.
      if (answer === GOOD || answer === PENDING) perCall.reset(secret);
      else if (!body.has("device_code")) perCall.add(secret);
    }
    const at = pathname === "/device" ? pathname : "/token";
    if (answer === GOOD) {
      rejected.reset(at);
    } else if (answer.says === "client") {
      rejected.add(at, SECRET);
      for (const grant of grants) rejected.add(at, "with", grant);
    } else if (answer.says === "grant") {
      for (const grant of grants) rejected.add("grant", grant);
    }
    return respond(answer, pathname, () => issued++);
  };

  const cache = new MemCache({ now: () => now * 1000 });
  const context: Context = {
    ...await prepare({
      provider,
      consumerKey: "key",
      consumerSecret: SECRET,
      callbackUrl: "https://app.example/callback",
      cache,
      fetch: server,
      now: () => now * 1000,
      log: () => {},
      openUrl: () => {},
    }, { env: () => undefined, dotenv: () => ({}) }),
    sleep: () => Promise.resolve(),
  };
  const acts: Readonly<Record<Act, () => Promise<unknown>>> = {
    login: () =>
      loggedIn({ ...context, ...person() }, {
        isAcceptable: () => false,
        asked: true,
      }),
    device: () =>
      loggedIn({ ...context, device: true }, {
        isAcceptable: () => false,
        asked: true,
      }),
    // A script that no person watches.
    script: () =>
      loggedIn({ ...context, device: true }, { isAcceptable: () => false }),
    token: () => cachedTokens(context),
    refresh: () => refresh({ ...context, isAcceptable: () => false }),
    logout: () => logout(context),
  };
  for (const step of steps) {
    act = step;
    if (typeof step === "number") {
      now += step;
      continue;
    }
    perCall.reset();
    // A person approves each login, and may have put right what was wrong; a logout forgets.
    if (step === "login" || step === "device") rejected.reset("/");
    try {
      await acts[step]();
    } catch (error) {
      assert.ok(error instanceof TdauthError, `${error}`);
    }
    assert.deepEqual([perCall.over, rejected.over], [[], []], sent.join("\n"));
    if (step === "logout") rejected.reset("/");
  }
  return sent;
}

/** A person who pastes the redirect of the login that has just begun. */
function person(): Pick<Context, "onEvent" | "pastedUrls"> {
  const begun = Promise.withResolvers<string>();
  return {
    onEvent: (event: LoginEvent) => {
      if (event.type !== "ready") return;
      const state = new URL(event.url).searchParams.get("state") ?? "";
      begun.resolve(
        `https://app.example/callback?code=C${crypto.randomUUID()}&state=${state}`,
      );
    },
    pastedUrls: (async function* () {
      yield await begun.promise;
    })(),
  };
}

function respond(
  { status, body, headers }: Answer,
  pathname: string,
  count: () => number,
): Promise<Response> {
  if (status === 0) {
    const why = body === "cut"
      ? "client error (SendRequest): connection closed before message completed"
      : "client error (Connect): tcp connect error: Connection refused (os error 111)";
    return Promise.reject(
      new TypeError("fetch failed", {
        cause: new Error(`error sending request: ${why}`),
      }),
    );
  }
  if (status === 200 && body === "") {
    const number = count();
    return Promise.resolve(
      pathname === "/revoke" ? new Response() : Response.json(
        pathname === "/device"
          ? {
            device_code: `D${number}`,
            user_code: "ABCD",
            verification_uri: "https://acme.example/enter",
            expires_in: 600,
            interval: 5,
          }
          : {
            access_token: `A${number}`,
            token_type: "Bearer",
            expires_in: 60,
            refresh_token: `R${number}`,
          },
      ),
    );
  }
  return Promise.resolve(
    new Response(body, { status, headers: headers ?? {} }),
  );
}

/** A job that never gives up, for months, and its user. */
const MONTHS: readonly Step[] = [
  ...Array.from({ length: 8 }, (): readonly Step[] => ["refresh", 601, "token"])
    .flat(),
  ...Array.from({ length: 8 }, (): readonly Step[] => [21_601, "refresh"])
    .flat(),
  "script",
  "script",
  "device",
  "refresh",
  "logout",
  "script",
  601,
  "script",
  "login",
  ...Array.from({ length: 8 }, (): readonly Step[] => [1e6, "refresh"]).flat(),
  "script",
  "logout",
];

for (const [what, provider] of Object.entries(PROVIDERS)) {
  Deno.test(`no two answers that a server ${what} alternates between make tdauth send a secret more than three times in months`, async () => {
    let rejections = 0;
    for (const one of KNOWN) {
      for (const other of KNOWN) {
        const sent = await play(provider, [one, other], [
          "login",
          ...MONTHS,
        ]);
        rejections += sent.filter((line) =>
          / (client|grant)$/.test(line)
        ).length;
      }
    }
    assert.ok(rejections > 1000, `${rejections}`);
  });

  Deno.test(`no answers of a server ${what} make tdauth send a secret more than three times`, async () => {
    let requests = 0;
    let rejections = 0;
    const acts = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(ANSWERS, { minLength: 1, maxLength: 8 }),
        fc.array(STEPS, { minLength: 1, maxLength: 20 }),
        async (answers, steps) => {
          const sent = await play(provider, answers, [
            "login",
            ...steps,
          ]);
          requests += sent.length;
          for (const line of sent) {
            acts.add(line.split("/")[0] ?? "");
            if (/ (client|grant)$/.test(line)) rejections++;
          }
        },
      ),
      { numRuns: 500 },
    );
    // The servers did reject, and every command did send.
    assert.ok(requests > 600 && rejections > 80, `${requests} ${rejections}`);
    assert.deepEqual([...acts].sort(), [
      "device",
      "login",
      "logout",
      "refresh",
      "script",
      "token",
    ]);
  });
}
