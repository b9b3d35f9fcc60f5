/** `tdauth serve` as a user starts it: beside all other commands, and ended in every way. */
import assert from "node:assert/strict";
import { assertKilled, until } from "../premise.ts";
import { only } from "../support.ts";
import { rawRequest } from "../serve/socket_support.ts";
import { assertError, jsonOf, modeOf } from "./asserts.ts";
import { type Machine, type Running, startMachine } from "./machine.ts";

const READY = /^{[^]*"profiles"[^]*^}\n/m;

/** Makes the profile of a machine's app, so that no variable is needed. */
function configure(machine: Machine, names: readonly string[] = ["default"]) {
  const { consumerKey, consumerSecret, callbackUrl } = machine.sandbox.app;
  const app = {
    provider: machine.sandbox.broker,
    sandbox: machine.sandbox.url,
    consumerKey,
    callbackUrl,
    ...(consumerSecret !== undefined && { consumerSecret }),
  };
  machine.writeConfig(Object.fromEntries(names.map((name) => [name, app])));
}

/** Starts a server, and waits until it is ready. */
async function start(
  machine: Machine,
  args: readonly string[] = [],
): Promise<Running> {
  const server = machine.start(["serve", "--json", ...args], {
    under: 'umask 0; exec "$@"', // files must be private whatever it is
  });
  await server.sees(READY, "stdout");
  return server;
}

const socketOf = (machine: Machine) => `${machine.configDir}/run/keeper.sock`;

/** Asks at the socket; the answer's object. */
async function ask(machine: Machine, path: string) {
  const client = Deno.createHttpClient({
    proxy: { transport: "unix", path: socketOf(machine) },
  });
  try {
    const answer = await fetch(`http://localhost/tdauth/v1/${path}`, {
      client,
    });
    return { status: answer.status, ...await answer.json() };
  } finally {
    client.close();
  }
}

const asked = ({ sandbox }: Machine) =>
  sandbox.requests.filter(({ endpoint }) => endpoint === "token").length;

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(
    only(
      "Unix",
      `tdauth serve refreshes an expired token, answers at its socket, and ends with 0 on ${signal}, leaving nothing`,
    ),
    async () => {
      await using machine = await startMachine();
      configure(machine);
      const { access_token: old } = await machine.signIn();
      machine.age("access_token", 1801);
      const server = await start(machine);
      const { pid, socket, profiles } = JSON.parse(server.stdout);
      assert.deepEqual([pid, socket, profiles], [
        server.pid,
        socketOf(machine),
        ["default"],
      ]);
      assert.equal(modeOf(socket), 0o600);
      assert.equal(modeOf(`${machine.configDir}/run`), 0o700);
      for (const name of ["serve.lock", "serve.state"]) {
        assert.equal(modeOf(`${machine.configDir}/${name}`), 0o600, name);
      }
      await server.sees(/default: refreshed, valid until \d\d:\d\d/);
      const { access_token } = machine.readTokens();
      assert.notEqual(access_token.token, old.token);
      const answer = await ask(machine, "token");
      assert.equal(answer.status, 200);
      assert.equal(answer.access_token, access_token.token);
      assert.equal((await ask(machine, "status")).profile, "default");
      assert.equal((await ask(machine, "token?profile=absent")).status, 400);
      assert.ok(server.kill(signal));
      assert.equal((await server.result).code, 0);
      assert.throws(
        () => Deno.lstatSync(socketOf(machine)),
        Deno.errors.NotFound,
      );
      assert.throws(
        () => Deno.lstatSync(`${machine.configDir}/serve.state`),
        Deno.errors.NotFound,
      );
    },
  );
}

Deno.test(
  only(
    "Unix",
    "tdauth serve exits with 6 beside another one, which goes on; after kill -9 a new one starts",
  ),
  async () => {
    await using machine = await startMachine();
    configure(machine);
    await machine.signIn();
    const first = await start(machine);
    // Where the sockets are does not matter: the tokens are the same.
    const runtime = `${machine.home}/runtime`;
    Deno.mkdirSync(runtime, { mode: 0o700 });
    assertError(
      await machine.run(["serve"], { env: { XDG_RUNTIME_DIR: runtime } }),
      6,
      new RegExp(
        `another process \\(tdauth serve, process ${first.pid}\\) already serves these tokens$`,
      ),
      /end it first/,
    );
    assert.equal((await ask(machine, "status")).status, 200);
    first.kill("SIGKILL");
    assertKilled(await first.result);
    assert.ok(
      Deno.lstatSync(socketOf(machine)),
      "the killed one left its socket",
    );
    const second = await start(machine);
    assert.equal((await ask(machine, "status")).status, 200);
    second.kill("SIGTERM");
    assert.equal((await second.result).code, 0);
  },
);

Deno.test(
  only(
    "Unix",
    "tdauth serve has its socket in XDG_RUNTIME_DIR, and in run/ of a configuration directory that is named",
  ),
  async () => {
    await using machine = await startMachine();
    configure(machine);
    const runtime = `${machine.home}/runtime`;
    Deno.mkdirSync(runtime, { mode: 0o700 });
    const named = `${machine.home}/named`;
    Deno.mkdirSync(named, { mode: 0o700 });
    for (
      const [args, path] of [
        [[], `${runtime}/tdauth/keeper.sock`],
        [["--config-dir", named], `${named}/run/keeper.sock`],
      ] as const
    ) {
      const server = machine.start(["serve", "--json", ...args], {
        env: { XDG_RUNTIME_DIR: runtime },
      });
      await server.sees(READY, "stdout");
      assert.equal(JSON.parse(server.stdout).socket, path);
      assert.match(
        await rawRequest(
          path,
          "GET /tdauth/v1/token HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        ),
        args.length === 0 ? /^HTTP\/1\.1 503 / : /^HTTP\/1\.1 400 /,
      );
      server.kill("SIGTERM");
      assert.equal((await server.result).code, 0);
    }
  },
);

Deno.test(
  only(
    "Unix",
    "50 requests at the socket of tdauth serve for an expired token are one refresh, and so are 50 about the same rejected one",
  ),
  async () => {
    await using machine = await startMachine({ rotation: "kill" });
    configure(machine);
    await machine.signIn();
    const server = await start(machine);
    await server.sees(/default: valid until/);
    const { sandbox } = machine;
    sandbox.advance(1801);
    machine.age("access_token", 1801);
    const before = asked(machine);
    const all = await Promise.all(
      Array.from({ length: 50 }, () => ask(machine, "token")),
    );
    assert.deepEqual(all.map(({ status }) => status), all.map(() => 200));
    assert.equal(new Set(all.map(({ access_token }) => access_token)).size, 1);
    assert.equal(asked(machine), before + 1);
    const rejected = all[0]?.access_token;
    const client = Deno.createHttpClient({
      proxy: { transport: "unix", path: socketOf(machine) },
    });
    const others = await Promise.all(
      Array.from(
        { length: 50 },
        async () =>
          (await fetch("http://localhost/tdauth/v1/token", {
            client,
            method: "POST",
            body: rejected,
          })).json(),
      ),
    );
    client.close();
    assert.equal(
      new Set(others.map((one) => one.access_token)).size,
      1,
    );
    assert.notEqual(others[0]?.access_token, rejected);
    assert.equal(asked(machine), before + 2);
    server.kill("SIGTERM");
    assert.equal((await server.result).code, 0);
  },
);

Deno.test(
  only(
    "Unix",
    "tdauth serve stores the refresh that is in progress when it is ended",
  ),
  async () => {
    await using machine = await startMachine({ rotation: "kill" });
    configure(machine);
    const old = await machine.signIn();
    machine.age("access_token", 1801);
    machine.sandbox.failNext({ delayMs: 1500 }); // it rotates at once, and answers then
    const before = asked(machine);
    const server = await start(machine);
    await until("the broker is asked", () => asked(machine) > before, server);
    assert.equal(server.ended, false);
    server.kill("SIGTERM");
    const { code } = await server.result;
    assert.equal(code, 0);
    const after = machine.readTokens();
    assert.notEqual(after.refresh_token.token, old.refresh_token.token);
    assert.equal(asked(machine), before + 1);
    assert.equal((await machine.run(["refresh"])).code, 0);
  },
);

Deno.test(
  only(
    "Unix",
    "tdauth token of a follower gets its access token at the socket of tdauth serve, also in place of a rejected one",
  ),
  async () => {
    await using machine = await startMachine({ rotation: "kill" });
    configure(machine);
    await machine.signIn();
    const server = await start(machine);
    const env = {
      TD_CONFIG_DIR: `${machine.home}/follower`,
      TD_KEEPER: socketOf(machine),
      TD_SANDBOX: machine.sandbox.url,
    };
    const prints = { env, printsToken: true };
    const first = await machine.run(["token"], prints);
    const { access_token } = machine.readTokens();
    assert.equal(first.stdout, `${access_token.token}\n`, first.stderr);
    const before = asked(machine);
    const second = await machine.run(["token", "--refused"], {
      ...prints,
      stdin: access_token.token,
    });
    assert.equal(second.code, 0, second.stderr);
    assert.notEqual(second.stdout, first.stdout);
    assert.equal(
      second.stdout,
      `${machine.readTokens().access_token.token}\n`,
    );
    assert.equal(asked(machine), before + 1);
    const status = jsonOf(await machine.run(["status", "--json"], { env }));
    assert.equal(status["login_needed"], false);
    server.kill("SIGTERM");
    assert.equal((await server.result).code, 0);
  },
);

Deno.test(
  only(
    "Unix",
    "tdauth serve runs the hooks of config.json, and waits for one that runs when it is ended",
  ),
  async () => {
    await using machine = await startMachine();
    configure(machine);
    await machine.signIn();
    machine.age("access_token", 1801);
    const path = `${machine.configDir}/config.json`;
    const heard = `${machine.home}/heard`;
    const hook = `sleep 0.3; echo "$TDAUTH_EVENT $TDAUTH_PROFILE" >> ${heard}`;
    Deno.writeTextFileSync(
      path,
      JSON.stringify({
        ...machine.readConfig(),
        hooks: [{ on: ["refreshed"], run: ["sh", "-c", hook] }],
      }),
    );
    const server = await start(machine);
    await server.sees(/default: refreshed/);
    server.kill("SIGTERM");
    assert.equal((await server.result).code, 0);
    assert.equal(Deno.readTextFileSync(heard), "refreshed default\n");
  },
);

Deno.test(
  only(
    "Unix",
    "tdauth serve notices a new profile, leaves a follower alone, and serves only the one of --profile",
  ),
  async () => {
    await using machine = await startMachine();
    configure(machine, ["work", "home"]);
    const { profiles } = machine.readConfig();
    const { consumerKey } = machine.sandbox.app;
    await machine.signIn(`work.${consumerKey}`);
    machine.writeConfig({
      ...profiles,
      far: { ...profiles["work"], keeper: "ssh://me@host.example" },
    });
    const server = await start(machine);
    await server.sees(/work: valid until/);
    await server.sees(/home: a login is needed: tdauth login --profile home/);
    await server.sees(/far: left alone: its tokens are kept by ssh:/);
    assert.equal((await ask(machine, "token?profile=far")).status, 400);
    assert.equal((await ask(machine, "token?profile=work")).status, 200);
    assert.equal(
      (await ask(machine, "token?profile=home")).code,
      "login_needed",
    );
    assert.equal((await ask(machine, "token?profile=new")).status, 400);
    machine.writeConfig({ ...profiles, new: profiles["work"] ?? {} });
    assert.equal(
      (await ask(machine, "token?profile=new")).code,
      "login_needed",
    );
    server.kill("SIGTERM");
    assert.equal((await server.result).code, 0);

    const one = await start(machine, ["--profile", "work"]);
    assert.deepEqual(JSON.parse(one.stdout).profiles, ["work"]);
    assert.equal((await ask(machine, "token")).status, 200);
    assert.equal((await ask(machine, "token?profile=home")).status, 400);
    one.kill("SIGTERM");
    await one.result;
  },
);

Deno.test(
  only(
    "Unix",
    "tdauth status says which server keeps the tokens fresh, and that its program has been replaced",
  ),
  async () => {
    await using machine = await startMachine();
    configure(machine);
    await machine.signIn();
    const before = jsonOf(await machine.run(["status", "--json"]));
    assert.ok(!("serve" in before));
    const server = await start(machine);
    const { serve } = jsonOf(await machine.run(["status", "--json"]));
    const { started_at, ...rest } = serve as Record<string, unknown>;
    assert.ok(Math.abs(Number(started_at) - Date.now() / 1000) < 600);
    assert.deepEqual(rest, {
      pid: server.pid,
      socket: socketOf(machine),
      outdated: false,
    });
    const state = `${machine.configDir}/serve.state`;
    const says = JSON.parse(Deno.readTextFileSync(state));
    Deno.writeTextFileSync(state, JSON.stringify({ ...says, modified: 5 }));
    const { stdout } = await machine.run(["status"]);
    assert.match(
      stdout,
      new RegExp(`by tdauth serve, process ${server.pid}, `),
    );
    assert.match(stdout, /which runs an older program: restart it/);
    server.kill("SIGKILL");
    await server.result;
    assert.ok(Deno.statSync(state).isFile, "the killed one left its file");
    assert.ok(!("serve" in jsonOf(await machine.run(["status", "--json"]))));
  },
);

Deno.test(
  only(
    "Unix",
    "tdauth serve at a terminal shows one screen, then a line an event, and never a token",
  ),
  async () => {
    await using machine = await startMachine();
    configure(machine);
    await machine.signIn();
    machine.age("access_token", 1801);
    const server = machine.start(["serve"], { terminal: true });
    await server.sees(
      /tdauth serve.* keeps 1 profile fresh until Ctrl-C\./,
      "stdout",
    );
    await server.sees(
      /Socket +~\/\.config\/tdauth\/run\/keeper\.sock/,
      "stdout",
    );
    await server.sees(/Hooks +none in config\.json/, "stdout");
    await server.sees(
      /\d\d:\d\d:\d\d {2}default: refreshed, valid until \d\d:\d\d, next refresh \d\d:\d\d, next login/,
      "stdout",
    );
    await server.write("\x03");
    assert.equal((await server.result).code, 0, server.stdout);
  },
);

Deno.test(
  only(
    "Unix",
    "tdauth serve stays after a hangup without a terminal, as under nohup",
  ),
  async () => {
    await using machine = await startMachine();
    configure(machine);
    await machine.signIn();
    const server = await start(machine);
    server.kill("SIGHUP");
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal((await ask(machine, "status")).status, 200);
    server.kill("SIGTERM");
    assert.equal((await server.result).code, 0);
  },
);

Deno.test(
  only(
    "Unix",
    "tdauth serve says what to do where the path of its socket would be too long",
  ),
  async () => {
    await using machine = await startMachine();
    const long = `${machine.home}/${"d".repeat(100)}`;
    Deno.mkdirSync(long, { mode: 0o700 });
    assertError(
      await machine.run(["serve", "--config-dir", long]),
      2,
      /its path is \d+ bytes too long for a Unix socket$/,
      /with a shorter path/,
    );
  },
);

Deno.test("tdauth serve --install exits with 2 where a passphrase would have to be typed, and with --uninstall at the same time", async () => {
  await using machine = await startMachine();
  configure(machine);
  const { profiles } = machine.readConfig();
  machine.writeConfig({
    default: { ...profiles["default"], seal: "passphrase" },
  });
  assertError(
    await machine.run(["serve", "--install"]),
    2,
    /sealed by a passphrase, and no one is there to type it$/,
    /configure --seal keychain$/,
  );
  assertError(
    await machine.run(["serve", "--install", "--uninstall"]),
    2,
    /--install and --uninstall are opposites$/,
  );
});
