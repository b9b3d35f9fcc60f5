/** A login with the browser here for the tokens of another machine. */
import assert from "node:assert/strict";
import { DiskCache } from "../../mod.ts";
import { assertErrorLines, jsonOf } from "../cli/asserts.ts";
import { APPROVE, DENY, type Machine, startMachine } from "../cli/machine.ts";
import { needsScript } from "../cli/terminals.ts";
import { holdTurn, until } from "../premise.ts";
import { needsSshd, writeScript } from "./ssh_server.ts";
import {
  begunOn,
  exchanges,
  type Machines,
  startMachines,
} from "./machines.ts";

/** Nothing that the code or a token could be read from was an argument, and nothing of the account is here. */
function assertNothingHere(
  { machine, server }: Machines,
  address?: string,
): void {
  const { access_token, refresh_token } = machine.readTokens();
  const secrets = [access_token.token, refresh_token.token, "code="];
  if (address !== undefined) {
    secrets.push(new URL(address).searchParams.get("code") ?? "");
  }
  for (const call of server.calls()) {
    for (const secret of secrets) assert.ok(!call.includes(secret), call);
  }
  const config = `${server.home}/.config/tdauth`;
  const files = namesIn(config);
  for (const name of files) {
    const text = Deno.readTextFileSync(`${config}/${name}`);
    for (const secret of secrets) assert.ok(!text.includes(secret), name);
  }
  assert.ok(!files.includes("config.json") && !files.includes("PROCESSTEST"));
}

function namesIn(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].filter(({ isFile }) => isFile)
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

for (const broker of ["schwab", "tdameritrade"] as const) {
  Deno.test(
    needsSshd(
      `tdauth login --on logs in to ${broker} with the browser here, and the tokens are on the other machine alone`,
    ),
    async () => {
      await using machines = await startMachines({ broker });
      const { machine, server, here } = machines;
      const { host, user, port } = server;
      const to = broker === "schwab"
        ? `${user}@${host}`
        : `ssh://${user}@${host}:${port}`;
      const { code, stdout, stderr } = await here.run([
        ...["login", "--on", to, "--browser", APPROVE],
      ]);
      assert.equal(code, 0, stderr);
      assert.equal(stdout, "");
      const name = to.replace(/^ssh:\/\//, "");
      assert.match(
        stderr,
        /^Logging in to .* with the app PROCESS-?TEST.*, for the tokens on \S+\.$/m,
      );
      const last = `\nLogged in on ${name}. Next login due by `;
      assert.ok(stderr.includes(last), stderr);
      assert.equal(exchanges(machine), 1);
      assertNothingHere(machines);
      const token = await machine.run(["token"], { printsToken: true });
      assert.equal(token.code, 0, token.stderr);
    },
  );
}

Deno.test(
  needsSshd(
    "tdauth login --on shows that it succeeded only after the other machine has stored the tokens",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { machine, server } = machines;
    const { login, address } = await begunOn(machines);
    const cache = new DiskCache(machine.configDir, "PROCESSTEST");
    const turn = await holdTurn(cache, "refresh");
    await using _free = { [Symbol.asyncDispose]: () => turn.release() };
    let page: string | undefined;
    const browser = fetch(address).then(async (answer) => {
      page = await answer.text();
    });
    // The code is exchanged, and the tokens wait for the turn.
    await until("the code is exchanged", () => exchanges(machine) === 1, login);
    assert.equal(page, undefined);
    assert.doesNotMatch(login.stderr, /Logged in/);
    await turn.release();
    await browser;
    assert.match(page ?? "", /You are logged in/);
    const { code, stderr } = await login.result;
    assert.equal(code, 0, stderr);
    assert.equal(
      machine.readTokens()["provider"],
      `tdameritrade@${new URL(machine.sandbox.url).host}`,
    );
    assertNothingHere(machines, address);
    assert.equal(server.calls().length, 1);
  },
);

Deno.test(
  needsSshd(
    "tdauth login --on answers a redirect of another login here, and the login goes on",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { login, address } = await begunOn(machines);
    const forged = new URL(address);
    forged.searchParams.set("state", "of-another-login");
    const answer = await fetch(forged);
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /This is from a different login/);
    await login.sees(
      /A request to the callback URL was rejected: the state does/,
    );
    assert.equal(exchanges(machines.machine), 0);
    assert.match(await (await fetch(address)).text(), /You are logged in/);
    assert.equal((await login.result).code, 0);
  },
);

Deno.test(
  needsSshd(
    "tdauth login --on says here, and in the browser, that the code is 31 seconds old",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { machine } = machines;
    await machine.signIn();
    const tokens = machine.storedTokens();
    const { login, address } = await begunOn(machines);
    machine.sandbox.advance(31);
    const page = await (await fetch(address)).text();
    assert.match(page, /The login could not be completed/);
    const result = await login.result;
    assertErrorLines(
      result,
      4,
      /^tdauth: cannot log in on there: the authorization code has expired/,
      /^hint: on there: /,
      /Redirect received/,
    );
    const [, message = ""] = /on there: (.*)/.exec(result.stderr) ?? [];
    assert.ok(page.includes(message.replaceAll('"', "&quot;")), page);
    assert.doesNotMatch(result.stderr, /is not known/);
    assert.deepEqual(machine.storedTokens(), tokens);
  },
);

Deno.test(
  needsSshd("tdauth login --on says that the user denied access"),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const result = await machines.here.run([
      ...["login", "--on", "there", "--browser", DENY],
    ]);
    assertErrorLines(result, 4, /on there: .*denied/, undefined, /Waiting/);
  },
);

Deno.test(
  needsSshd(
    "tdauth login --on takes a pasted URL, and one of another login uses nothing up",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { login, address } = await begunOn(machines, ["--redirect-url", "-"]);
    await login.write("https://example.com/?code=1\n");
    await login.sees(/The pasted URL was rejected: this URL does not begin/);
    await login.write(`${address}\n`);
    const { code, stderr } = await login.result;
    assert.equal(code, 0, stderr);
    assertNothingHere(machines, address);
  },
);

Deno.test(
  needsSshd(
    "tdauth login --on prints one JSON value with --json, and passes --profile, --if-older and --timeout on",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { machine, server, here } = machines;
    const other = machine.readConfig().profiles["default"];
    machine.writeConfig({
      ...machine.readConfig().profiles,
      paper: { ...other },
    });
    const args = ["login", "--on", "there", "--profile", "paper", "--json"];
    const result = await here.run([...args, "--browser", APPROVE]);
    assert.equal(result.code, 0, result.stderr);
    const { login_time, login_needed_at, ...rest } = jsonOf(result);
    assert.deepEqual(rest, {
      profile: "paper",
      provider: "tdameritrade",
      on: "there",
      logged_in: true,
    });
    assert.ok(Math.abs(Number(login_time) - Date.now() / 1000) < 60);
    assert.equal(Number(login_needed_at) - Number(login_time), 7_776_000);
    assert.deepEqual(
      namesIn(machine.configDir).filter((name) => /PROCESSTEST$/.test(name)),
      [
        "paper.PROCESSTEST",
      ],
    );

    const young = await here.run([
      ...args,
      "--if-older",
      "5d",
      "--timeout",
      "7m",
    ]);
    assert.equal(young.code, 0, young.stderr);
    assert.equal(jsonOf(young)["logged_in"], false);
    assert.match(
      server.calls().at(-1) ?? "",
      / -- there tdauth login --remote --profile paper --timeout 420s --if-older 432000s$/,
    );
  },
);

Deno.test(
  needsSshd("tdauth login --on by two at once logs in once, and both are told"),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { machine, here } = machines;
    const { login: first, address } = await begunOn(machines);
    const second = here.start(["login", "--on", "there", "--no-browser"]);
    await second.sees(
      /another process \(tdauth login, process \d+\) is logging in; waiting for it/,
    );
    assert.equal(first.ended, false);
    await fetch(address).then((answer) => answer.body?.cancel());
    assert.equal((await first.result).code, 0);
    const { code, stderr } = await second.result;
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /^Another process has just logged in on there; using its tokens\./m,
    );
    assert.equal(exchanges(machine), 1);
  },
);

Deno.test(
  needsSshd(
    "tdauth login --on does not ask for the passphrase of sealed tokens, and says what to do",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { machine, here } = machines;
    const { profiles } = machine.readConfig();
    machine.writeConfig({
      default: { ...profiles["default"], seal: "passphrase" },
    });
    const result = await here.run(["login", "--on", "there", "--no-browser"]);
    assertErrorLines(
      result,
      1,
      /on there: cannot open the sealed tokens: no one can be asked for the passphrase over ssh$/,
      /^hint: on there: in a terminal there, run .*login, or set TD_CACHE_PASSPHRASE there$/,
    );
  },
);

Deno.test(
  needsSshd(
    "tdauth login --on gives the other machine's error and hint where it is not set up",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    machines.machine.writeConfig({});
    assertErrorLines(
      await machines.here.run(["login", "--on", "there"]),
      2,
      /on there: cannot authorize: not set up yet \(no app key\)$/,
      /^hint: on there: run .*configure/,
    );
  },
);

Deno.test(
  needsSshd(
    "tdauth login --on calls what TD_REMOTE_COMMAND names, and a hint does where there is no tdauth",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { server, here } = machines;
    const elsewhere = `${server.program}-elsewhere`;
    Deno.renameSync(server.program, elsewhere);
    assertErrorLines(
      await here.run(["login", "--on", "there"]),
      4,
      /on there: there is no command tdauth there$/,
      /^hint: install tdauth there, or set TD_REMOTE_COMMAND to its path there$/,
    );
    const { code, stderr } = await here.run(
      ["login", "--on", "there", "--browser", APPROVE],
      { env: { TD_REMOTE_COMMAND: elsewhere } },
    );
    assert.equal(code, 0, stderr);
  },
);

Deno.test(
  needsSshd(
    "tdauth login --on says that the other tdauth is too old, and what ssh says when it fails",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { server, here } = machines;
    const old = "cannot understand the command: unknown option '--remote'";
    writeScript(
      server.program,
      `echo "tdauth: ${old}" >&2\nexit 2`,
    );
    assertErrorLines(
      await here.run(["login", "--on", "there"]),
      4,
      /on there: the tdauth there is too old for --on$/,
      /^hint: update it on there/,
    );
    assertErrorLines(
      await here.run(["login", "--on", "stranger@there"]),
      4,
      /on stranger@there: \S+: Permission denied \(publickey\)\.?$/,
      /^hint: try: ssh stranger@there true$/,
    );
  },
);

Deno.test(
  needsSshd(
    "tdauth login --remote is what its errors take it for: unknown to an older tdauth",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { stderr } = await machines.machine.run(["logout", "--remote"]);
    assert.match(stderr, /unknown option '--remote'/);
  },
);

Deno.test("tdauth login --on runs nothing for a host that would be an option of ssh, and exits with 2", async () => {
  await using machines = await startMachinesWithoutSshd();
  const { machine, env, called } = machines;
  const mark = `${machine.home}/mark`;
  for (
    const host of [`-oProxyCommand=touch ${mark}`, "-v", "me@-v", "a b", ""]
  ) {
    assertErrorLines(
      await machine.run(["login", "--on", host], { env }),
      2,
      /cannot log in on ".*": it is no host for ssh$/,
      /^hint: use host, user@host or ssh:\/\/user@host:port$/,
    );
  }
  assert.equal(called(), false);
  assert.deepEqual(namesIn(machine.home), []);
});

Deno.test("tdauth login --on exits with 2 for flags without effect", async () => {
  await using machines = await startMachinesWithoutSshd();
  const { machine, env, called } = machines;
  for (
    const [args, flag] of [
      [["--begin"], "--on has no effect with --begin"],
      [["--finish"], "--on has no effect with --finish"],
      [["--remote"], "--remote has no effect with --on"],
      [["--device"], "--device has no effect with --on"],
      [["--scope", "x"], "--scope has no effect with --on"],
      [["--consumer-key", "x"], "--consumer-key has no effect with --on"],
    ] as const
  ) {
    assertErrorLines(
      await machine.run(["login", "--on", "there", ...args], { env }),
      2,
      new RegExp(`${flag}$`),
    );
  }
  assert.equal(called(), false);
  assertErrorLines(
    await machine.run(["login", "--on", "there"], {
      env: { PATH: `${machine.home}/none` },
    }),
    4,
    /on there: there is no ssh here$/,
  );
});

Deno.test(
  needsSshd(
    needsScript(
      "tdauth login --on lets ssh ask in the terminal, and Ctrl-C ends it all",
    ).name,
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { machine, server, here } = machines;
    const login = here.start(
      ["login", "--on", server.unknownHost, "--no-browser"],
      { terminal: true },
    );
    await login.sees(/Are you sure you want to continue connecting/, "stdout");
    await login.write("yes\r");
    await login.sees(/Waiting \d:\d\d for the redirect/, "stdout");
    assert.equal(machine.processes().length > 0, true);
    await login.write("\x03");
    const { code, stdout } = await login.result;
    assert.equal(code, 4, stdout);
    assert.match(stdout, /cannot log in to .*: the login was cancelled/);
    await until("the other side ends", () => machine.processes().length === 0);
  },
);

Deno.test(
  needsSshd("tdauth login --on ends at its timeout, on both sides"),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { machine, here } = machines;
    const result = await here.run([
      ...["login", "--on", "there", "--no-browser", "--timeout", "1s"],
    ]);
    assertErrorLines(
      result,
      4,
      /timed out after 1 second$/,
      undefined,
      /Waiting/,
    );
    await until("the other side ends", () => machine.processes().length === 0);
  },
);

/** A machine whose `ssh` leaves a mark. */
async function startMachinesWithoutSshd(): Promise<
  AsyncDisposable & {
    readonly machine: Machine;
    readonly env: Readonly<Record<string, string>>;
    readonly called: () => boolean;
  }
> {
  const machine = await startMachine();
  const bin = `${machine.cwd}/bin`;
  Deno.mkdirSync(bin);
  writeScript(`${bin}/ssh`, `touch "${machine.cwd}/called"`);
  return {
    machine,
    env: { PATH: `${bin}:${Deno.env.get("PATH")}` },
    called: () => namesIn(machine.cwd).includes("called"),
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
}
