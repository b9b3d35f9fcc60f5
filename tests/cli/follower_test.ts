/** Access tokens that come from another machine, where the refresh token is. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { denoProcess } from "../../tools/deno.ts";
import {
  needsSshd,
  type SshServer,
  startSshServer,
  writeScript,
} from "../ssh/ssh_server.ts";
import { until } from "../premise.ts";
import { assertErrorLines, jsonOf } from "./asserts.ts";
import {
  APPROVE,
  type Machine,
  type RunOptions,
  startMachine,
} from "./machine.ts";

/** A machine that keeps tokens, and how commands are run on one that follows it. */
interface Follower extends AsyncDisposable {
  readonly keeper: Machine;
  readonly server: SshServer;
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly run: (
    args: readonly string[],
    options?: RunOptions,
  ) => ReturnType<Machine["run"]>;
  readonly files: () => string;
}

async function startFollower(): Promise<Follower> {
  const stack = new AsyncDisposableStack();
  const keeper = stack.use(await startMachine());
  const server = stack.use(await startSshServer(keeper));
  keeper.writeConfig({
    default: profileOf(keeper),
  });
  const dir = `${server.home}/.config/tdauth`;
  const env = { ...server.env };
  const run: Follower["run"] = (args, options = {}) =>
    keeper.run(args, { ...options, env: { ...env, ...options.env } });
  return {
    keeper,
    server,
    dir,
    env,
    run,
    files: () =>
      [...Deno.readDirSync(dir)].filter(({ isFile }) => isFile)
        .map(({ name }) => Deno.readTextFileSync(`${dir}/${name}`)).join("\n"),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function followerTest(
  name: string,
  test: (follower: Follower) => Promise<void>,
  ignore = false,
): void {
  Deno.test({
    ...needsSshd(name),
    ...(ignore && { ignore }),
    fn: async () => {
      await using follower = await startFollower();
      await test(follower);
    },
  });
}

/** The profile of a machine whose own practice broker has the app. */
function profileOf({ sandbox }: Machine): Record<string, string> {
  const { consumerKey, consumerSecret = "", callbackUrl } = sandbox.app;
  return {
    provider: sandbox.broker,
    consumerKey,
    consumerSecret,
    callbackUrl,
    sandbox: sandbox.url,
  };
}

/** When a token was issued and how long it lives, in seconds. */
interface Life {
  readonly access_time: number;
  readonly expires_in: number;
}

/** Makes the follower's own access token one that has expired. */
function expire({ dir }: Follower): void {
  const path = `${dir}/follower`;
  const held = JSON.parse(Deno.readTextFileSync(path));
  held.access_token.access_time -= 1801;
  Deno.writeTextFileSync(path, JSON.stringify(held));
}

/** Configures the follower. */
async function configured({ run, server }: Follower): Promise<void> {
  const { code, stderr } = await run([
    "configure",
    "--keeper",
    `ssh://${server.host}`,
  ]);
  assert.equal(code, 0, stderr);
}

const prints = { printsToken: true };

followerTest(
  "a follower prints its keeper's token, keeps it as long as it lives, and has no refresh token, key or secret",
  async (follower) => {
    const { keeper, server, run, files } = follower;
    await keeper.signIn();
    await configured(follower);
    const first = await run(["token"], prints);
    assert.equal(first.code, 0, first.stderr);
    const { access_token, refresh_token } = keeper.readTokens();
    assert.equal(first.stdout, `${access_token.token}\n`);
    const calls = server.calls().length;
    assert.equal((await run(["token"], prints)).stdout, first.stdout);
    assert.match(
      (await run(["header"], prints)).stdout,
      /^Authorization: Bearer /,
    );
    assert.equal(server.calls().length, calls, "it asked again");
    const kept = files();
    assert.ok(kept.includes(access_token.token));
    assert.ok(!kept.includes(refresh_token.token));
    const { consumerKey, consumerSecret = "" } = keeper.sandbox.app;
    assert.ok(!kept.includes(consumerKey) && !kept.includes(consumerSecret));
    const held = JSON.parse(Deno.readTextFileSync(`${follower.dir}/follower`));
    // Its end is reckoned from when it was asked for, so never too late.
    const end = ({ access_time, expires_in }: Life) => access_time + expires_in;
    const early = end(access_token) - end(held.access_token);
    assert.ok(early >= 0 && early < 120, `${early} seconds`);
  },
);

followerTest(
  "of twenty calls at once whose token has expired one asks the keeper, which refreshes once",
  async (follower) => {
    const { keeper, server, run, env } = follower;
    await keeper.signIn();
    await configured(follower);
    assert.equal((await run(["token"], prints)).code, 0);
    keeper.age("access_token", 1801);
    expire(follower);
    const calls = server.calls().length;
    const requests = refreshes(keeper);
    // The keeper answers when all others have said that they wait: they are at once.
    const script = Deno.readTextFileSync(server.program);
    const go = `${server.home}/go`;
    writeScript(
      server.program,
      `while [ ! -e ${go} ]; do sleep 0.05; done\n${script}`,
    );
    const calling = Array.from(
      { length: 20 },
      () => keeper.start(["token"], { ...prints, env }),
    );
    const waiting = () =>
      calling.filter(({ stderr }) => /; waiting for it/.test(stderr)).length;
    await until("nineteen wait for the one that asks", () => waiting() === 19);
    Deno.writeTextFileSync(go, "");
    const results = await Promise.all(calling.map(({ result }) => result));
    const { token } = keeper.readTokens().access_token;
    for (const { stdout, stderr } of results) {
      assert.equal(stdout, `${token}\n`, stderr);
    }
    assert.equal(server.calls().length, calls + 1);
    assert.equal(refreshes(keeper), requests + 1);
  },
);

followerTest(
  "tdauth fetch at a follower gets another token from the keeper when the API rejects one, which no argument of ssh shows",
  async (follower) => {
    const { keeper, server, run } = follower;
    await keeper.signIn();
    await configured(follower);
    const rejected = (await run(["token"], prints)).stdout.trim();
    assert.equal((await keeper.run(["refresh"])).code, 0);
    const requests = refreshes(keeper);
    // The follower does not know that the broker has issued another one, and ended this.
    const replaced = await run(["token", "--refused"], {
      ...prints,
      stdin: rejected,
    });
    assert.equal(
      replaced.stdout,
      `${keeper.readTokens().access_token.token}\n`,
      replaced.stderr,
    );
    assert.equal(refreshes(keeper), requests, "the keeper had another one");
    const again = await run(["token", "--refused"], {
      ...prints,
      stdin: replaced.stdout,
    });
    assert.notEqual(again.stdout, replaced.stdout);
    assert.equal(
      again.stdout,
      `${keeper.readTokens().access_token.token}\n`,
      again.stderr,
    );
    assert.equal(refreshes(keeper), requests + 1);
    assert.ok(server.calls().some((call) => call.includes("--refused")));
    const calls = server.calls().join("\n");
    for (
      const token of [rejected, replaced.stdout.trim(), again.stdout.trim()]
    ) {
      assert.ok(!calls.includes(token));
    }
  },
);

followerTest(
  "a follower says that its keeper needs a login, and how to log in there",
  async (follower) => {
    const { keeper, run, server } = follower;
    await configured(follower);
    const { stderr, code } = await run(["token"]);
    assert.equal(code, 3);
    assert.match(
      stderr,
      /^tdauth: cannot get an access token from there: .*no stored tokens\nhint: log in there, with the browser here: tdauth login --on there\n$/m,
    );
    assert.equal((await run(["status"])).code, 3);
    await keeper.signIn();
    const status = await run(["status"]);
    assert.equal(status.code, 0, status.stderr);
    assert.match(status.stdout, /Kept by +there/);
    assert.match(status.stdout, /Refresh token +only at there/);
    const report = jsonOf(await run(["status", "--json"]));
    const theirs = jsonOf(await keeper.run(["status", "--json"]));
    assert.equal(report["keeper"], "there");
    assert.equal(report["login_needed_at"], theirs["login_needed_at"]);
    assert.equal(report["refresh_token"], null);
    assert.ok(
      server.calls().every((call) =>
        /-T .*-o BatchMode=yes .*-- there /.test(call)
      ),
    );
  },
);

followerTest(
  "a follower uses its token while the keeper cannot be reached, and then says why there is no other",
  async (follower) => {
    const { keeper, server, run } = follower;
    await keeper.signIn();
    await configured(follower);
    assert.equal((await run(["token"], prints)).code, 0);
    const env = { TD_KEEPER: `ssh://${server.host}`, PATH: "/nonexistent" };
    assert.equal(
      (await run(["token", "--min-valid", "40m"], { ...prints, env })).code,
      0,
    );
    expire(follower);
    assertErrorLines(
      await run(["token"], { env }),
      5,
      /from there: there is no ssh here$/,
    );
    // A port at which nothing listens.
    assertErrorLines(
      await run(["token"], { env: { TD_KEEPER: "ssh://there:1" } }),
      5,
      /from there:1: .*port 1: Connection refused$/,
    );
  },
);

followerTest(
  "a follower refuses an answer of its keeper that is none, and is not filled by one without end",
  async (follower) => {
    const { server, run } = follower;
    const env = { TD_KEEPER: `ssh://${server.host}` };
    for (
      const [script, code, why] of [
        ["echo hello", 1, /it exited with 0, and said nothing$/],
        ["yes", 1, /it never stops writing$/],
        ['exec rm -f "$0"', 1, /said nothing$/],
        ["exit 127", 2, /there is no command tdauth there$/],
        ["echo '{}'", 1, /its answer has no access token$/],
        [
          `echo '{"access_token":"a b","expires_in":9}'`,
          1,
          /its answer has no access token$/,
        ],
        [
          `echo '{"access_token":"CANARY","expires_in":-1}'`,
          1,
          /has expired, or says no time$/,
        ],
        [
          `echo '{"access_token":"CANARY","expires_in":9,"provider":"tdameritrade"}'`,
          2,
          /they are of the provider "tdameritrade"/,
        ],
        [
          `echo '{"error":{"code":"cache_sealed","message":"Cannot x: \\u001b[31m no"}}'; exit 1`,
          1,
          /cannot x: \S*\[31m no$/,
        ],
      ] as const
    ) {
      writeScript(server.program, script);
      const result = await run(["token"], { env });
      assertErrorLines(result, code, why);
      // deno-lint-ignore no-control-regex -- what must not be there
      assert.doesNotMatch(result.stderr, /\x1b|CANARY/);
    }
    // Lines of a shell's profile are no answer.
    writeScript(
      server.program,
      `echo 'Welcome {'; echo '{ not json'; echo '{"access_token":"ab","expires_in":900}'; echo bye`,
    );
    assert.equal((await run(["token"], { env })).stdout, "ab\n");
  },
);

followerTest(
  "a keeper that would be an option of ssh runs nothing",
  async ({ run, server }) => {
    const canary = `${server.home}/canary`;
    for (
      const keeper of [
        `ssh://-oProxyCommand=touch ${canary}`,
        `ssh://x@-oProxyCommand=touch`,
        "ssh://a b",
        "ssh://a/..",
        "ssh://a/-x",
      ]
    ) {
      assertErrorLines(
        await run(["token"], { env: { TD_KEEPER: keeper } }),
        2,
        /TD_KEEPER|as the keeper/,
      );
    }
    assert.throws(() => Deno.statSync(canary));
    assert.deepEqual(server.calls(), []);
  },
);

followerTest(
  "what only the keeper can do a follower refuses, and its logout leaves the keeper logged in",
  async (follower) => {
    const { keeper, run } = follower;
    await keeper.signIn();
    await configured(follower);
    assert.equal((await run(["token"], prints)).code, 0);
    const before = keeper.storedTokens();
    assertErrorLines(
      await run(["login"]),
      2,
      /cannot log in: the tokens of this profile are kept by there$/,
    );
    assertErrorLines(
      await run(["login", "--begin"]),
      2,
      /cannot begin a login: /,
    );
    assertErrorLines(
      await run(["import", keeper.tokenPath]),
      2,
      /cannot import the tokens: the tokens of this profile are kept by there$/,
    );
    assert.equal((await run(["logout"])).code, 0);
    assert.deepEqual(keeper.storedTokens(), before);
    assert.ok(
      !follower.files().includes(keeper.readTokens().access_token.token),
    );
    assert.equal((await run(["token"], prints)).code, 0);
  },
);

/** How many refreshes the keeper's broker has granted. */
function refreshes({ sandbox }: Machine): number {
  return sandbox.requests.filter(({ grantType }) =>
    grantType === "refresh_token"
  ).length;
}

followerTest(
  "authorize() in a script gets its token from the keeper, and another one when the API rejects it",
  async ({ keeper, server }) => {
    await keeper.signIn();
    const script = `${server.home}/script.ts`;
    const mod = JSON.stringify(new URL("../../mod.ts", import.meta.url).href);
    Deno.writeTextFileSync(
      script,
      `
      import { authorize } from ${mod};
      const td = await authorize({ keeper: "ssh://${server.host}", provider: "${keeper.sandbox.broker}", sandbox: "${keeper.sandbox.url}" });
      const first = String(td.accessToken);
      await fetch("${keeper.sandbox.url}/sandbox/fail", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ endpoint: "api", status: 401 }),
      }).then((answer) => answer.ok || Deno.exit(9));
      const response = await td.fetch("/trader/v1/accounts/accountNumbers");
      await response.body?.cancel();
      console.log(JSON.stringify({
        status: response.status,
        other: String(td.accessToken) !== first,
        refresh: td.refreshToken.token ?? null,
        kept: first === ${
        JSON.stringify(keeper.readTokens().access_token.token)
      },
      }));
      `,
    );
    const { stdout, stderr } = await denoProcess([
      "run",
      "--no-lock",
      "--no-check",
      `--config=${fileURLToPath(new URL("../../deno.json", import.meta.url))}`,
      "--allow-net",
      "--allow-env",
      `--allow-read=${server.home}`,
      `--allow-write=${server.home}`,
      "--allow-run=ssh",
      script,
    ], {
      env: { ...keeper.tdauth.env, ...server.env },
      clearEnv: true,
      cwd: server.home,
    })
      .output();
    const said = new TextDecoder().decode(stderr);
    assert.deepEqual(
      stdout.length > 0 && JSON.parse(new TextDecoder().decode(stdout)),
      { status: 200, other: true, refresh: null, kept: true },
      said,
    );
  },
);

Deno.test(
  needsSshd("a key that is good for tokens alone is enough for a follower"),
  async () => {
    await using keeper = await startMachine();
    await using server = await startSshServer(keeper, {
      config: ["ForceCommand tdauth token --json"],
    });
    await keeper.signIn();
    keeper.writeConfig({ default: profileOf(keeper) });
    const env = {
      ...server.env,
      TD_KEEPER: "ssh://there",
      TD_SANDBOX: keeper.sandbox.url,
    };
    const { stdout, stderr } = await keeper.run(["token"], { ...prints, env });
    assert.equal(stdout, `${keeper.readTokens().access_token.token}\n`, stderr);
    assert.equal((await keeper.run(["configure"], { env })).code, 0);
    const status = await keeper.run(["status"], { env });
    assertErrorLines(status, 1, /it does not say how long its login lasts$/);
    assert.match(status.stdout, /Next login +not known/);
  },
);

followerTest(
  "tdauth doctor at a follower asks the keeper, and wants no key, secret or callback URL",
  async (follower) => {
    const { keeper, run, server } = follower;
    await keeper.signIn();
    await configured(follower);
    const checks = async () =>
      jsonOf(await run(["doctor", "--json"]))["checks"] as readonly {
        readonly check: string;
        readonly state: string;
        readonly what: string;
      }[];
    const well = await checks();
    assert.deepEqual(well.filter(({ state }) => state === "failed"), []);
    assert.ok(
      well.some(({ what }) => /^there answers; the next login/.test(what)),
    );
    writeScript(server.program, "exit 127");
    const bad = (await checks()).filter(({ state }) => state === "failed");
    assert.deepEqual(bad.map(({ check }) => check), ["keeper"]);
    assert.match(bad[0]?.what ?? "", /there is no command tdauth there/);
  },
);

followerTest(
  "tdauth logout --all forgets a follower's token",
  async (follower) => {
    const { keeper, run, files } = follower;
    await keeper.signIn();
    await configured(follower);
    assert.equal((await run(["token"], prints)).code, 0);
    const { token } = keeper.readTokens().access_token;
    assert.ok(files().includes(token));
    assert.equal((await run(["logout", "--all"])).code, 0);
    assert.ok(!files().includes(token));
  },
);

followerTest(
  "tdauth login --on, as a follower's hint says it, logs in on the keeper with the browser here",
  async (follower) => {
    const { keeper, run } = follower;
    await configured(follower);
    const env = { BROWSER: APPROVE };
    const { stderr } = await run(["token"]);
    const [, line = ""] = /: tdauth (login --on .*)$/m.exec(stderr) ?? [];
    const login = await run(line.split(" "), { env });
    assert.equal(login.code, 0, login.stderr);
    const { stdout } = await run(["token"], prints);
    assert.equal(stdout, `${keeper.readTokens().access_token.token}\n`);
    assert.ok(
      !follower.files().includes(keeper.readTokens().refresh_token.token),
    );
  },
);

followerTest(
  "a follower whose connection is cut says so, keeps nothing of half an answer, and asks again",
  async (follower) => {
    const { keeper, server, run, env } = follower;
    await keeper.signIn();
    await configured(follower);
    const script = Deno.readTextFileSync(server.program);
    // Before the answer, and in the middle of it.
    for (
      const before of ["", `printf '{\\n  "access_token": "CANARY-half'; `]
    ) {
      const begun = `${server.home}/begun`;
      writeScript(
        server.program,
        `${before}echo x > ${begun}; while kill -0 $PPID; do sleep 0.05; done`,
      );
      const asking = keeper.start(["token"], { env });
      await until("the keeper is asked", () => exists(begun), asking);
      await server.cut();
      const result = await asking.result;
      assertErrorLines(
        result,
        5,
        /^tdauth: cannot get an access token from there: /,
      );
      assert.doesNotMatch(result.stderr, /CANARY/);
      Deno.removeSync(begun);
    }
    Deno.writeTextFileSync(server.program, script);
    const { stdout, stderr } = await run(["token"], prints);
    assert.equal(stdout, `${keeper.readTokens().access_token.token}\n`, stderr);
  },
);

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
