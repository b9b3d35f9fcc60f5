/** Hosts that are not what they should be: what runs there as tdauth is a stranger's. */
import assert from "node:assert/strict";
import { assertErrorLines } from "../cli/asserts.ts";
import { APPROVE } from "../cli/machine.ts";
import { until } from "../premise.ts";
import { exchanges, type Machines, startMachines } from "./machines.ts";
import { needsSshd, tdauthScript, writeScript } from "./ssh_server.ts";

const STATE = "STATE-OF-A-STRANGER";

/** A line as `tdauth login --remote` would say it. */
function readyLine(
  { machine: { sandbox } }: Machines,
  {
    page = sandbox.authorizationEndpoint,
    callback = sandbox.app.callbackUrl,
    query = {},
    ...changes
  }: {
    readonly page?: string;
    readonly callback?: string;
    readonly query?: Readonly<Record<string, string>>;
    readonly broker?: string;
  },
): string {
  const parameters = new URLSearchParams({
    response_type: "code",
    client_id: sandbox.app.consumerKey,
    redirect_uri: callback,
    state: STATE,
    ...query,
  });
  return JSON.stringify({
    tdauth: 1,
    event: "ready",
    broker: "A Stranger",
    app: "app",
    authorization_url: `${page}?${parameters}`,
    callback_url: callback,
    ...changes,
  });
}

/** Lets the other machine's `tdauth` be a program that writes these lines and then reads on. */
function says({ server }: Machines, ...lines: readonly string[]): void {
  const quoted = lines.map((line) => `'${line.replaceAll("'", "'\\''")}'`);
  writeScript(
    server.program,
    `printf '%s\\n' ${quoted.join(" ")}\nexec cat >/dev/null`,
  );
}

Deno.test(
  needsSshd(
    "tdauth login --on skips what a shell's profile prints before and between the lines",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { machine, server, here } = machines;
    writeScript(
      server.program,
      `echo 'Welcome!'; echo '{"motd": 1}'; echo; printf 'no end, \\033[31mred\\n'\n` +
        `echo 'Last login: \\033[31mtoday' >&2\n${tdauthScript(machine)}`,
    );
    const { code, stdout, stderr } = await here.run([
      ...["login", "--on", "there", "--browser", APPROVE],
    ]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^Last login: \ufffd\[31mtoday$/m);
    assert.doesNotMatch(stderr, /Welcome|motd|␛/);
  },
);

for (
  const [what, script] of [
    ["no JSON", "echo hello"],
    [
      "JSON of another kind",
      `echo '{"event":"ready","authorization_url":"x"}'`,
    ],
    ["nothing", ":"],
  ] as const
) {
  Deno.test(
    needsSshd(`tdauth login --on says that a host answers ${what}`),
    async () => {
      await using machines = await startMachines({ broker: "tdameritrade" });
      writeScript(
        machines.server.program,
        `${script}\necho 'a reason \x1b[2J' >&2\nexit 3`,
      );
      assertErrorLines(
        await machines.here.run(["login", "--on", "there"]),
        4,
        /on there: what was run there is no login of tdauth; it ended with exit code 3: a reason \ufffd\[2J$/,
      );
    },
  );
}

for (
  const [what, command] of [
    ["lines", "exec yes 'no login \x1b[2J'"],
    ["a line", "exec tr '\\0' x < /dev/zero"],
  ] as const
) {
  Deno.test(
    needsSshd(
      `tdauth login --on stops reading a host that writes ${what} without end`,
    ),
    async () => {
      await using machines = await startMachines({ broker: "tdameritrade" });
      writeScript(machines.server.program, command);
      assertErrorLines(
        await machines.here.run(["login", "--on", "there"]),
        4,
        /on there: it answered with something other than a login(: no login \ufffd\[2J)?$/,
        /^hint: see what its shell prints/,
      );
    },
  );
}

Deno.test(
  needsSshd(
    "tdauth login --on shows 200 lines of a host that complains without end",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    writeScript(machines.server.program, "seq 100000 >&2\nexit 1");
    const { code, stderr } = await machines.here.run([
      "login",
      "--on",
      "there",
    ]);
    assert.equal(code, 4);
    assert.ok(stderr.split("\n").length < 210, stderr.slice(0, 1000));
  },
);

for (
  const [what, change, why, hint] of [
    [
      "a page of another site",
      { page: "https://evil.example/authorize" },
      /its authorization URL is at https:\/\/evil\.example, which is not .*'s \(http:\/\/127\.0\.0\.1:\d+\)$/,
      /name the provider with --provider/,
    ],
    [
      "a page of this machine",
      { page: "http://localhost:1/authorize" },
      /its authorization URL is at http:\/\/localhost:1, which is not/,
      /--sandbox http:\/\/localhost:1$/,
    ],
    [
      "a script as a page",
      { page: "javascript:alert(1)//" },
      /is not an https URL$/,
      /see what runs there/,
    ],
    [
      "a page with a user name",
      { page: "https://me:x@evil.example/" },
      /is not an https URL$/,
      /see what/,
    ],
    [
      "a callback URL of another site",
      { callback: "https://evil.example/callback" },
      /its callback URL https:\/\/evil\.example\/callback does not lead to this machine$/,
      /log in on there in two steps \(login --begin\)$/,
    ],
    [
      "a callback URL with control characters",
      { callback: "\x1bhttp://127.0.0.1:1" },
      /its callback URL has control characters$/,
      /see what/,
    ],
    [
      "a page with another callback URL",
      { query: { redirect_uri: "https://evil.example" } },
      /is not one of a login with a code$/,
      /see what/,
    ],
    [
      "a page without a state",
      { query: { state: "" } },
      /is not one of a login with a code$/,
      /see what/,
    ],
    [
      "a page that answers with a token",
      { query: { response_type: "token" } },
      /is not one of a login with a code$/,
      /see what/,
    ],
  ] as const
) {
  Deno.test(
    needsSshd(
      `tdauth login --on opens nothing and listens to nothing for ${what}`,
    ),
    async () => {
      await using machines = await startMachines({ broker: "tdameritrade" });
      const { here, machine } = machines;
      says(machines, readyLine(machines, change));
      const mark = `${machine.cwd}/opened`;
      const result = await here.run([
        "login",
        "--on",
        "there",
        "--browser",
        `touch ${mark} %s`,
      ]);
      assertErrorLines(result, 2, why, hint);
      assert.doesNotMatch(result.stderr, new RegExp(`${STATE}|␛|Waiting`));
      assert.deepEqual([...Deno.readDirSync(machine.cwd)], []);
      await until(
        "the other side ends",
        () => machine.processes().length === 0,
      );
    },
  );
}

Deno.test(
  needsSshd(
    "tdauth login --on knows the presets' pages where the settings here name no provider, and no other",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { here } = machines;
    const none = { env: { TD_SANDBOX: undefined } };
    assertErrorLines(
      await here.run(["login", "--on", "there"], none),
      2,
      /its authorization URL is at http:\/\/127\.0\.0\.1:\d+, which is not a provider's that is known here$/,
      /--sandbox http:\/\/127\.0\.0\.1:\d+$/,
    );
    says(
      machines,
      readyLine(machines, {
        page: "https://api.schwabapi.com/v1/oauth/authorize",
      }),
    );
    const login = here.start(["login", "--on", "there", "--no-browser"], none);
    await login.sees(
      /^ {2}https:\/\/api\.schwabapi\.com\/v1\/oauth\/authorize\?/m,
    );
    login.kill("SIGINT");
    assert.equal((await login.result).code, 4);
    // Another provider's page is none of the one that is named here.
    assertErrorLines(
      await here.run(
        ["login", "--on", "there", "--provider", "tradestation"],
        none,
      ),
      2,
      /at https:\/\/api\.schwabapi\.com, which is not TradeStation's/,
    );
    const known = here.start([
      ...["login", "--on", "there", "--no-browser", "--authorization-endpoint"],
      "https://api.schwabapi.com/v1/oauth/authorize",
    ], none);
    await known.sees(/Waiting/);
    known.kill("SIGINT");
    assert.equal((await known.result).code, 4);
  },
);

Deno.test(
  needsSshd(
    "tdauth login --on shows no control characters of a host, and does not believe tokens before a redirect",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { here, machine } = machines;
    const stored = JSON.stringify({
      ...{ tdauth: 1, event: "stored", outcome: "new", profile: "default" },
      ...{ provider: "x", login_time: 1, login_needed_at: 2 },
    });
    says(machines, readyLine(machines, { broker: "A\x1b[2J\nB" }), stored);
    const early = await here.run(["login", "--on", "there", "--no-browser"]);
    assertErrorLines(
      early,
      4,
      /on there: it answered what it was not asked$/,
      undefined,
      /Logging in to A\ufffd\[2J B with/,
    );
    assert.doesNotMatch(early.stderr, /␛|Logged in/);

    const failed = {
      tdauth: 1,
      event: "failed",
      code: "nonsense",
      message: "a\x1b[2J\nhint: b",
      hint: "c\x1b\nd",
    };
    says(machines, JSON.stringify(failed));
    const result = await here.run(["login", "--on", "there"]);
    assertErrorLines(
      result,
      4,
      /on there: a\ufffd\[2J hint: b$/,
      /^hint: on there: c\ufffd d$/,
    );
    assert.equal(exchanges(machine), 0);
  },
);

Deno.test(
  needsSshd(
    "tdauth login --on says so in the browser when a host ends without an answer to the redirect",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { machine, server } = machines;
    writeScript(
      server.program,
      `printf '%s\\n' '${readyLine(machines, {})}'\nread line\nexit 0`,
    );
    const login = machines.here.start([
      "login",
      "--on",
      "there",
      "--no-browser",
    ]);
    await login.sees(/Waiting/);
    const address = new URL(machine.sandbox.app.callbackUrl);
    address.search = new URLSearchParams({ code: "CANARY-CODE", state: STATE })
      .toString();
    machine.secrets.add("CANARY-CODE");
    const page = await (await fetch(address)).text();
    assert.match(page, /The login could not be completed/);
    assert.doesNotMatch(page, /CANARY/);
    assertErrorLines(
      await login.result,
      4,
      /on there: tdauth there ended early, with exit code 0$/,
      undefined,
      /^note: there has the redirect; whether it stored tokens is not known/m,
    );
  },
);
