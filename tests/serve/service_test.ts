import assert from "node:assert/strict";
import { fullAccount } from "../../src/cli/account/full_account.ts";
import { changeService } from "../../src/cli/commands/serve/change_service.ts";
import type { ServiceEdges } from "../../src/cli/commands/serve/service.ts";
import { systemdService } from "../../src/cli/commands/serve/systemd_service.ts";
import { launchdService } from "../../src/cli/commands/serve/launchd_service.ts";
import { windowsService } from "../../src/cli/commands/serve/windows_service.ts";
import { outside } from "../../src/cli/grammar/command.ts";
import { realIo } from "../../src/cli/terminal/io.ts";
import type { ProgramCall } from "../../src/system/run_program.ts";
import { failsWith, only, temporaryDirectory } from "../support.ts";

const SECRET = "CANARY-SECRET";

/** A user's machine whose system is the test's. */
function machine(
  profiles: Record<string, Record<string, string>> = {
    default: {
      provider: "schwab",
      consumerKey: "KEY",
      consumerSecret: SECRET,
      callbackUrl: "https://127.0.0.1:8182",
    },
  },
) {
  const stack = new AsyncDisposableStack();
  const home = stack.use(temporaryDirectory()).path;
  const calls: ProgramCall[] = [];
  const printed = { out: "", err: "" };
  const answers: Record<string, { code: number; stdout: string }> = {
    loginctl: { code: 0, stdout: "no\n" },
  };
  const variables: Record<string, string> = { HOME: home };
  const edges: ServiceEdges = {
    os: "linux",
    words: ["/opt/my programs/tdauth"],
    run(call) {
      calls.push(call);
      const { code = 0, stdout = "" } = answers[call.program] ?? {};
      return Promise.resolve({ code, stdout, stderr: "" });
    },
  };
  Deno.mkdirSync(`${home}/.config/tdauth`, { recursive: true, mode: 0o700 });
  Deno.writeTextFileSync(
    `${home}/.config/tdauth/config.json`,
    JSON.stringify({ profiles }),
    { mode: 0o600 },
  );
  const env = (name: string) => variables[name];
  const command = (values: [string, string | boolean][] = []) =>
    outside({
      commands: {},
      account: fullAccount,
      values: new Map(values),
      words: [],
      io: {
        ...realIo([], env, new AbortController().signal),
        terminal: { in: false, out: false, err: false },
        called: () => ["tdauth"],
        out: (text) => void (printed.out += text),
        err: (text) => void (printed.err += text),
      },
    });
  return {
    home,
    unit: `${home}/.config/systemd/user/tdauth.service`,
    calls,
    printed,
    answers,
    variables,
    edges,
    install: (more: Partial<ServiceEdges> = {}, values = command()) =>
      changeService(values, { install: true, uninstall: false }, {
        ...edges,
        ...more,
      }),
    uninstall: () =>
      changeService(command(), { install: false, uninstall: true }, edges),
    command,
    lines: () => calls.map(({ program, args }) => [program, ...args].join(" ")),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test(
  only(
    "Linux",
    "tdauth serve --install writes a unit without a secret, starts it, and says what a logout does",
  ),
  async () => {
    await using at = await machine();
    await at.install();
    const text = Deno.readTextFileSync(at.unit);
    assert.match(text, /^ExecStart="\/opt\/my programs\/tdauth" "serve"$/m);
    assert.match(text, /^Restart=on-failure$/m);
    assert.doesNotMatch(text, /CANARY|KEY/);
    assert.deepEqual(at.lines(), [
      "systemctl --user daemon-reload",
      "systemctl --user enable tdauth.service",
      "systemctl --user restart tdauth.service",
      "loginctl show-user --property=Linger --value",
    ]);
    assert.ok(
      at.printed.err.includes("ExecStart="),
      "what is written is shown",
    );
    assert.match(
      at.printed.err,
      /ends when you log out.*loginctl enable-linger/,
    );
    assert.doesNotMatch(at.printed.err, /CANARY/);

    at.answers["loginctl"] = { code: 0, stdout: "yes\n" };
    at.printed.err = "";
    await at.install();
    assert.equal(Deno.readTextFileSync(at.unit), text);
    assert.match(at.printed.err, /tdauth\.service, unchanged:/);
    assert.match(at.printed.err, /goes on when you log out/);
    at.printed.err = "";
    await at.install({ words: ["/usr/bin/tdauth"] });
    assert.match(at.printed.err, /was:[^]*my programs[^]*replaced:/);
  },
);

Deno.test(
  only(
    "Linux",
    "tdauth serve --uninstall removes its unit once, and no other program's",
  ),
  async () => {
    await using at = await machine();
    await at.install();
    at.calls.length = 0;
    await at.uninstall();
    assert.throws(() => Deno.lstatSync(at.unit), Deno.errors.NotFound);
    assert.deepEqual(at.lines(), [
      "systemctl --user disable --now tdauth.service",
      "systemctl --user daemon-reload",
    ]);
    at.calls.length = 0;
    await at.uninstall();
    assert.deepEqual(at.lines(), []);
    assert.match(at.printed.err, /Nothing to remove/);
    Deno.writeTextFileSync(at.unit, "[Service]\nExecStart=/bin/mine\n");
    for (const run of [at.install, at.uninstall]) {
      await failsWith("cache_unreadable", run());
    }
    assert.match(Deno.readTextFileSync(at.unit), /mine/);
    assert.deepEqual(at.lines(), []);
  },
);

Deno.test(
  only(
    "Linux",
    "tdauth serve --install says what to run where systemctl is missing or finds no session",
  ),
  async () => {
    await using at = await machine();
    at.answers["systemctl"] = {
      code: 1,
      stdout: "Failed to connect to bus: No medium found\n",
    };
    await at.install();
    assert.ok(Deno.statSync(at.unit).isFile);
    assert.match(at.printed.err, /Not started: Failed to connect to bus/);
    assert.match(
      at.printed.err,
      /^ {2}systemctl --user enable tdauth\.service$/m,
    );
    at.printed.err = "";
    await at.install({
      run: () => Promise.reject(new Deno.errors.NotFound("no")),
    });
    assert.match(at.printed.err, /Not started: there is no systemctl here/);
    await at.install({}, at.command([["--json", true]]));
    const said = JSON.parse(at.printed.out);
    assert.equal(said.started, false);
    assert.equal(said.path, at.unit);
    assert.equal(said.run.length, 3);
  },
);

Deno.test(
  only(
    "Linux",
    "tdauth serve --install refuses a profile that is sealed by a passphrase, and notes one sealed by a key",
  ),
  async () => {
    const app = { provider: "schwab", consumerKey: "KEY" };
    await using typed = await machine({
      default: app,
      work: { ...app, seal: "passphrase" },
    });
    const error = await failsWith("invalid_options", typed.install());
    assert.match(error.message, /profile work are sealed by a passphrase/);
    assert.match(
      String(error.hint),
      /configure --profile work --seal keychain$/,
    );
    assert.throws(() => Deno.lstatSync(typed.unit), Deno.errors.NotFound);
    await using keyed = await machine({ default: { ...app, seal: "key" } });
    await keyed.install();
    assert.match(
      keyed.printed.err,
      /TD_CACHE_KEY, which the service does not have/,
    );
  },
);

Deno.test(
  only(
    "Linux",
    "tdauth serve --install refuses to start nothing: no profile, or one that is not there",
  ),
  async () => {
    await using none = await machine({});
    await failsWith("invalid_options", none.install());
    await using one = await machine();
    const error = await failsWith(
      "invalid_options",
      one.install({}, one.command([["--profile", "absent"]])),
    );
    assert.match(error.message, /there is no profile "absent"/);
  },
);

for (
  const word of [
    `${"/"}tmp/tdauth`,
    "/home/me/.npm/_npx/1/node_modules/deno/deno",
    "/home/me/.cache/tdauth",
    "/private/var/folders/x/tdauth",
  ]
) {
  Deno.test(
    only(
      "Linux",
      `tdauth serve --install refuses ${word}, which does not survive`,
    ),
    async () => {
      await using at = await machine();
      const error = await failsWith(
        "invalid_options",
        at.install({ words: [word, "/opt/cli.ts"] }),
      );
      assert.match(error.message, /may be gone after the next start/);
      assert.throws(() => Deno.lstatSync(at.unit), Deno.errors.NotFound);
    },
  );
}

Deno.test(
  only(
    "Linux",
    "tdauth serve --install hands over the directories and the profile that a service would not find",
  ),
  async () => {
    await using at = await machine();
    await using other = temporaryDirectory();
    Deno.writeTextFileSync(
      `${other.path}/config.json`,
      JSON.stringify({ profiles: { work: { consumerKey: "K" } } }),
      { mode: 0o600 },
    );
    at.variables["TD_TOKEN_DIR"] = `${at.home}/50% "tokens"`;
    await at.install(
      {},
      at.command([["--config-dir", other.path], ["--profile", "work"]]),
    );
    const text = Deno.readTextFileSync(at.unit);
    assert.ok(
      text.includes(
        `"serve" "--config-dir" "${other.path}" "--profile" "work"`,
      ),
    );
    assert.ok(
      text.includes(
        `Environment="TD_TOKEN_DIR=${at.home}/50%% \\"tokens\\""`,
      ),
      text,
    );
  },
);

const ODD = {
  words: [
    "/bin/sh",
    "serve",
    "a b",
    'q"q',
    "50%",
    "$HOME",
    "back\\slash",
    "<&>",
  ],
  variables: { TD_TOKEN_DIR: '/x y/"%h"' },
};

function hasAnalyze(): boolean {
  try {
    return new Deno.Command("systemd-analyze", {
      args: ["--version"],
      stdout: "null",
      stderr: "null",
    }).outputSync().success;
  } catch {
    return false;
  }
}

const analyze = hasAnalyze();
Deno.test({
  name: `systemd accepts the unit${
    analyze ? "" : " (ignored: there is no systemd-analyze)"
  }`,
  ignore: !analyze,
  async fn() {
    await using place = temporaryDirectory();
    const { text } = systemdService(ODD, () => undefined, "/home/me");
    const path = `${place.path}/tdauth.service`;
    Deno.writeTextFileSync(path, text);
    const { code, stderr } = await new Deno.Command("systemd-analyze", {
      args: ["verify", "--user", "--man=no", path],
      env: { XDG_RUNTIME_DIR: place.path },
    }).output();
    const said = new TextDecoder().decode(stderr);
    assert.equal(code, 0, said);
    assert.doesNotMatch(said, /tdauth\.service/, said);
  },
});

Deno.test("the agent of macOS is XML with every word whole, and known as tdauth's", () => {
  const { text, path } = launchdService(ODD, "/Users/me", 501);
  assert.equal(path, "/Users/me/Library/LaunchAgents/tdauth.serve.plist");
  const strings = [...text.matchAll(/^ {4}<string>(.*)<\/string>$/gm)]
    .map(([, word = ""]) =>
      word.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    );
  assert.deepEqual(strings, [...ODD.words, ODD.variables.TD_TOKEN_DIR]);
  const [, comment = ""] = /<!--(.*)-->/.exec(text) ?? [];
  assert.ok(comment !== "" && !comment.includes("--"));
});

Deno.test("the scheduled task of Windows is created over an old one, started, and deleted", () => {
  const service = windowsService({
    words: ["C:\\Program Files\\tdauth.exe", "serve"],
    variables: {},
  });
  assert.equal(service.path, undefined);
  assert.deepEqual(service.start[0]?.args, [
    ...["/Create", "/F", "/SC", "ONLOGON", "/TN", "tdauth serve", "/TR"],
    '"C:\\Program Files\\tdauth.exe" serve',
  ]);
  assert.deepEqual(service.stop.at(-1)?.args, [
    ...["/Delete", "/F", "/TN", "tdauth serve"],
  ]);
});
