/** Logins with a code on another device against oidc-provider, whose own forms the user goes through. */

import { authorize, type AuthorizeOptions, discover } from "@tdauth/tdauth";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { deviceLogin } from "../../src/login/device_login.ts";
import type { LoginEvent } from "../../src/login/login_event.ts";
import { until } from "../premise.ts";
import { failsWith, reservePort, temporaryDirectory } from "../support.ts";
import {
  type AuthorizationServer,
  type ServerOptions,
  startAuthorizationServer,
} from "./authorization_server.ts";
import {
  cleanEnv,
  type RunningCommand,
  startTdauth,
  tdauth,
} from "./command.ts";
import { enterCode, type EnterCodeOptions } from "./enter_code.ts";
import { deno } from "../../tools/deno.ts";
import { Running } from "../cli/process.ts";

/** Short, so that no test waits: oidc-provider itself says nothing of it. */
const INTERVAL = 0.05;

interface Place extends AsyncDisposable {
  readonly server: AuthorizationServer;
  readonly home: string;
  readonly callbackUrl: string;
  /** For `authorize()`, without a callback URL. */
  readonly options: AuthorizeOptions;
}

async function place(
  server: Partial<ServerOptions> = { device: { interval: INTERVAL } },
): Promise<Place> {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(temporaryDirectory()).path;
  const callbackUrl = `http://127.0.0.1:${stack.use(reservePort()).port}/cb`;
  const started = stack.use(
    await startAuthorizationServer({ callbackUrl, ...server }),
  );
  const all = stack.move();
  return {
    server: started,
    home,
    callbackUrl,
    options: {
      provider: started.issuer,
      consumerKey: "app",
      configDir: home,
      loginTimeout: 60,
      device: true,
      log: () => {},
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** A user who waits until the server has answered that they are not done yet, and then enters the code. */
function user(
  server: AuthorizationServer,
  options: EnterCodeOptions = {},
): {
  hear: (event: LoginEvent) => void;
  events: LoginEvent[];
  page: Promise<string>;
} {
  const events: LoginEvent[] = [];
  const { promise: page, resolve, reject } = Promise.withResolvers<string>();
  page.catch(() => {});
  const act = async (event: LoginEvent & { type: "device" }) => {
    while (!server.polls.includes("authorization_pending")) {
      await new Promise((go) => setTimeout(go, 5));
    }
    return await enterCode(
      options.userCode === undefined
        ? event.verificationUriComplete ?? ""
        : event.verificationUri,
      { ...options, userCode: event.userCode },
    );
  };
  return {
    events,
    page,
    hear: (event) => {
      events.push(event);
      if (event.type === "device") act(event).then(resolve, reject);
    },
  };
}

for (
  const [how, options] of [
    ["types the code", { userCode: "typed" }],
    ["follows the link of the QR code", {}],
  ] as const
) {
  Deno.test(`authorize() with device logs in without a callback URL when the user ${how}, and refreshes`, async () => {
    await using at = await place();
    const person = user(at.server, options);
    const td = await authorize({ ...at.options, onEvent: person.hear });
    assert.match(await person.page, /Sign-in Success/);
    assert.deepEqual(person.events.map(({ type }) => type), ["device", "done"]);
    assert.equal(at.server.polls[0], "authorization_pending");
    assert.equal(at.server.polls.at(-1), "tokens");
    assert.equal(td.scope, "openid offline_access");
    const before = await td.token();
    await td.refresh();
    assert.notEqual(await td.token(), before);
    const me = await fetch(`${at.server.issuer}/me`, {
      headers: { authorization: `Bearer ${await td.token()}` },
    });
    assert.deepEqual(await me.json(), { sub: "pat" });
    await td.logout();
    assert.equal(at.server.revoked.length, 1);
  });
}

Deno.test("authorize() with device fails with login_denied when the user aborts at the server", async () => {
  await using at = await place();
  const person = user(at.server, { abort: true });
  await failsWith(
    "login_denied",
    authorize({ ...at.options, onEvent: person.hear }),
  );
  await person.page;
  assert.deepEqual(
    new Set(at.server.polls),
    new Set(["authorization_pending", "access_denied"]),
  );
  assert.equal(person.events.at(-1)?.type, "failed");
});

Deno.test("authorize() with device logs in once for ten concurrent calls", async () => {
  await using at = await place();
  const person = user(at.server);
  const all = await Promise.all(
    Array.from(
      { length: 10 },
      () => authorize({ ...at.options, onEvent: person.hear }),
    ),
  );
  assert.equal(new Set(all.map((td) => String(td.accessToken))).size, 1);
  assert.equal(
    at.server.requests.filter(({ path }) => path === "/device/auth").length,
    1,
  );
});

Deno.test("authorize() without device takes it where no callback URL is set, and not where device is false", async () => {
  await using at = await place();
  const { device: _, ...options } = at.options;
  await failsWith(
    "invalid_options",
    authorize({ ...options, device: false, interactive: true }),
  );
  assert.deepEqual(at.server.requests, []);
  const person = user(at.server);
  await authorize({ ...options, onEvent: person.hear });
  assert.equal(at.server.polls.at(-1), "tokens");
});

Deno.test("discover() finds the device authorization endpoint, and leaves out one over plain http elsewhere", async () => {
  await using at = await place();
  const { issuer } = at.server;
  assert.equal(
    (await discover(issuer)).deviceAuthorizationEndpoint,
    `${issuer}/device/auth`,
  );
  await using wrong = await place({
    device: {},
    metadata: { device_authorization_endpoint: "http://login.example.com/x" },
  });
  const provider = await discover(wrong.server.issuer);
  assert.equal(provider.deviceAuthorizationEndpoint, undefined);
});

/** `deviceLogin()` with its waiting in the test's hands. */
async function stepwise(
  server: AuthorizationServer,
  onPause: (
    seconds: number,
    event: LoginEvent & { type: "device" },
  ) => Promise<void>,
) {
  let shown: (LoginEvent & { type: "device" }) | undefined;
  return await deviceLogin({
    provider: await discover(server.issuer),
    app: { consumerKey: "app" },
    loginTimeout: 300,
    store: () => Promise.resolve(),
    onEvent: (event) => {
      if (event.type === "device") shown = event;
    },
    now: Date.now,
    log: () => {},
    fetch,
    sleep: async (milliseconds) => {
      assert.ok(shown !== undefined);
      await onPause(milliseconds / 1000, shown);
    },
    after: () => () => {},
  });
}

Deno.test("deviceLogin() polls every 5 seconds at a server that does not say how often, and slower after its slow_down", async () => {
  await using at = await place({ device: {} });
  const pauses: number[] = [];
  at.server.slowDown(2);
  await stepwise(at.server, async (seconds, { verificationUriComplete }) => {
    pauses.push(seconds);
    if (pauses.length === 4) await enterCode(verificationUriComplete ?? "");
  });
  assert.deepEqual(at.server.polls, [
    "slow_down",
    "slow_down",
    "authorization_pending",
    "tokens",
  ]);
  assert.deepEqual(pauses, [5, 10, 15, 15]);
});

Deno.test("deviceLogin() ends with login_timeout when the server says that the code has expired", async () => {
  await using at = await place({ device: { lifetime: 1 } });
  const login = stepwise(
    at.server,
    () => new Promise((go) => setTimeout(go, 50)),
  );
  const error = await failsWith("login_timeout", login);
  assert.match(error.message, /the code expired before it was entered/);
  assert.equal(at.server.polls.at(-1), "expired_token");
});

/** Starts `tdauth login` where there is no display, or what `env` says. */
function startLogin(
  at: Place,
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningCommand {
  return startTdauth([
    "login",
    "--provider",
    at.server.issuer,
    "--consumer-key",
    "app",
    "--timeout",
    "60s",
    ...flags,
  ], { home: at.home, env });
}

for (
  const [what, flags, env] of [
    ["with --device", ["--device"], { DISPLAY: ":0" }],
    ["by itself where there is no display", ["--callback-url", "CALLBACK"], {}],
  ] as const
) {
  Deno.test(`tdauth login shows the page, the code and the link ${what}, and stores tokens that work`, async () => {
    await using at = await place();
    await using login = startLogin(
      at,
      flags.map((flag) => flag === "CALLBACK" ? at.callbackUrl : flag),
      env,
    );
    const [, page = "", code = "", link = ""] = await login.stderrHas(
      /^ {2}Page {2}(\S+)\n {2}Code {2}(\S+)\n {2}Link {2}(\S+)$/m,
    );
    await login.stderrHas(
      /^Waiting (1:00|0:\d\d) for the code to be entered\.$/m,
    );
    assert.equal(page, `${at.server.issuer}/device`);
    assert.equal(link, `${page}?user_code=${code}`);
    await enterCode(page, { userCode: code });
    const { code: exit, stdout, stderr } = await login.outcome;
    assert.equal(exit, 0, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^Logged in\./m);
    assert.equal(
      /No browser login here: this session has no display/.test(stderr),
      !("DISPLAY" in env),
    );
    const { access_token } = JSON.parse(
      Deno.readTextFileSync(`${at.home}/tdauth/app`),
    );
    const token = await tdauth(["token"], { home: at.home });
    assert.equal(token.stdout, `${access_token.token}\n`);
    const refreshed = await tdauth(["refresh"], { home: at.home });
    assert.equal(refreshed.code, 0, refreshed.stderr);
  });
}

Deno.test("tdauth login --device exits with 4 when the user aborts at the server", async () => {
  await using at = await place();
  await using login = startLogin(at, ["--device"]);
  const [, link = ""] = await login.stderrHas(/^ {2}Link {2}(\S+)$/m);
  await enterCode(link, { abort: true });
  const { code, stderr } = await login.outcome;
  assert.equal(code, 4, stderr);
  assert.match(stderr, /access was denied \(access_denied\)/);
});

for (
  const [what, server, flags] of [
    ["with --no-device", { device: {} }, ["--no-device"]],
    ["at a server without the device flow", {}, []],
    ["when the app may not use it", { device: { registered: false } }, []],
  ] as const
) {
  Deno.test(`tdauth login waits for the redirect where there is no display ${what}`, async () => {
    await using at = await place(server);
    await using login = startLogin(at, [
      ...flags,
      "--callback-url",
      at.callbackUrl,
    ]);
    await login.stderrHas(/^Waiting (1:00|0:\d\d) for the redirect to /m);
  });
}

Deno.test("tdauth login --device exits with 2 at a server without the device flow, or when the app may not use it", async () => {
  for (
    const [server, says] of [
      [{}, /it does not offer that\nhint: log in with a browser: .* login$/m],
      [
        { device: { registered: false } },
        /this app may not log in with a code .*\nhint: .* login --no-device$/m,
      ],
    ] as const
  ) {
    await using at = await place(server);
    await using login = startLogin(at, ["--device"]);
    const { code, stderr } = await login.outcome;
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
  }
});

/** Starts a program of this folder or the command, where there is no display. */
function start(at: Place, file: string, ...args: string[]): Running {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const [program, ...words] = deno("run", "-A", path, ...args);
  return new Running(program, {
    args: words,
    cwd: at.home,
    env: cleanEnv(at.home),
  });
}

Deno.test("tdauth login --device ends at once at Ctrl-C, exits with 4 and polls no more", async () => {
  await using at = await place();
  const login = start(
    at,
    "../../cli.ts",
    "login",
    "--device",
    `--provider=${at.server.issuer}`,
    "--consumer-key=app",
  );
  await login.sees(/Waiting/);
  await until("it polls", () => at.server.polls.length > 0);
  assert.ok(login.kill("SIGINT"));
  const { code, stderr } = await login.result;
  assert.equal(code, 4, stderr);
  assert.match(stderr, /the login was cancelled/);
  const { length } = at.server.polls;
  await new Promise((go) => setTimeout(go, 4 * INTERVAL * 1000));
  assert.equal(at.server.polls.length, length);
});

Deno.test("authorize() in a script writes the page and the code to the log where no browser can be opened", async () => {
  await using at = await place();
  const script = start(
    at,
    "device_child.ts",
    at.server.issuer,
    at.callbackUrl,
  );
  const [, page = "", code = ""] = await script.sees(
    /log in at (\S+) and enter the code (\S+)/,
  );
  assert.equal(page, `${at.server.issuer}/device`);
  await enterCode(page, { userCode: code });
  const { code: exit, stdout, stderr } = await script.result;
  assert.equal(exit, 0, stderr);
  assert.equal(stdout, "true\n");
});
