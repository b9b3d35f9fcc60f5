import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { after } from "../../src/base/after.ts";
import { browserCommands, openBrowser } from "../../src/login/browser.ts";
import { SECRET_VARIABLES } from "../../src/settings/variable_table.ts";
import { temporaryDirectory } from "../support.ts";
import { denoProcess } from "../../tools/deno.ts";

const URL_ = "https://broker.example/auth?a=1&b=%s$&c='x'";

Deno.test("browserCommands() knows how each system opens a page", () => {
  assert.deepEqual(browserCommands(URL_, { platform: "darwin" }), [
    ["open", URL_],
  ]);
  assert.deepEqual(browserCommands(URL_, { platform: "windows" }), [
    ["rundll32", "url.dll,FileProtocolHandler", URL_],
  ]);
  assert.deepEqual(
    browserCommands(URL_, { platform: "linux" }).map(([program]) => program),
    ["xdg-open", "sensible-browser", "x-www-browser", "www-browser"],
  );
  assert.deepEqual(
    browserCommands(URL_, { platform: "wsl" }).map(([program]) => program),
    ["wslview", "/mnt/c/Windows/System32/rundll32.exe", "xdg-open"],
  );
  assert.ok(browserCommands(URL_).length > 0);
});

Deno.test("browserCommands() lists none on Linux without a screen", () => {
  const platform = "linux";
  assert.deepEqual(browserCommands(URL_, { platform, env: {} }), []);
  assert.equal(
    browserCommands(URL_, { platform, env: { DISPLAY: ":0" } }).length,
    4,
  );
  assert.equal(
    browserCommands(URL_, { platform, env: { WAYLAND_DISPLAY: "w" } }).length,
    4,
  );
  assert.equal(
    browserCommands(URL_, { platform, env: {}, command: "w3m" }).length,
    1,
  );
});

Deno.test("browserCommands() splits a command into words and puts the URL in", () => {
  const cases: readonly (readonly [string, readonly (readonly string[])[]])[] =
    [
      ["firefox", [["firefox", URL_]]],
      ["firefox -P 'my profile'", [["firefox", "-P", "my profile", URL_]]],
      ['"/opt/My Browser/run" --new', [["/opt/My Browser/run", "--new", URL_]]],
      ["open -a Safari %s --fresh", [[
        "open",
        "-a",
        "Safari",
        URL_,
        "--fresh",
      ]]],
      ["x --u=%s", [["x", `--u=${URL_}`]]],
      ["one:two %s:three", [
        ["one", URL_],
        ["two", URL_],
        ["three", URL_],
      ]],
      [
        "x --via http://p:1",
        [["x", "--via", "http://p"], ["1", URL_]].slice(0, 2).map((words, at) =>
          at === 0 ? [...words, URL_] : words
        ),
      ],
      [
        "deno jsr:@tdauth/tdauth/cli sandbox --approve:two",
        [
          [
            "deno",
            "jsr:@tdauth/tdauth/cli",
            "sandbox",
            "--approve",
            URL_,
          ],
          ["two", URL_],
        ],
      ],
      ["x ''", [["x", "", URL_]]],
      ["x 'open", [["x", "open", URL_]]],
    ];
  for (const [command, expected] of cases) {
    assert.deepEqual(
      browserCommands(URL_, { command, platform: "linux" }),
      expected,
      command,
    );
  }
  assert.deepEqual(
    browserCommands(URL_, {
      command: '"C:\\Program Files\\b.exe" C:\\x',
      platform: "windows",
    }),
    [["C:\\Program Files\\b.exe", "C:\\x", URL_]],
  );
  for (const command of ["", "  ", ":"]) {
    assert.deepEqual(browserCommands(URL_, { command, platform: "darwin" }), [
      ["open", URL_],
    ]);
  }
});

Deno.test("openBrowser() opens only http and https URLs", async () => {
  for (
    const url of [
      "file:///etc/passwd",
      "javascript:alert(1)",
      "--help",
      "ssh://x",
      "",
    ]
  ) {
    await assert.rejects(
      openBrowser(url, { spawn: () => assert.fail("it was started") }),
      TypeError,
    );
  }
});

Deno.test("openBrowser() tries the next program when one is missing or fails, and says so when none works", async () => {
  const tried: string[] = [];
  await openBrowser(URL_, {
    platform: "wsl",
    spawn: (program) => {
      tried.push(program);
      return tried.length < 3
        ? Promise.reject(new Deno.errors.NotFound())
        : Promise.resolve();
    },
  });
  assert.equal(tried.length, 3);
  const missing = () => Promise.reject(new Deno.errors.NotFound());
  await assert.rejects(
    openBrowser(URL_, { platform: "darwin", spawn: missing }),
    { code: "browser_failed", message: /none is installed \(tried open\)/ },
  );
  await assert.rejects(
    openBrowser(URL_, { platform: "linux", env: {}, spawn: missing }),
    { code: "browser_failed", message: /no display/ },
  );
  await assert.rejects(
    openBrowser(URL_, {
      command: "false",
      // However slow the machine is.
      after: (_, act) => after(600_000, act),
    }),
    {
      code: "browser_failed",
      message: /false failed with exit code 1/,
    },
  );
});

Deno.test("openBrowser() says so when a browser that looked well fails later", async () => {
  const failure = Promise.withResolvers<string>();
  const waits: number[] = [];
  await openBrowser(URL_, {
    command: 'sh -c "exit 7"',
    onFailure: failure.resolve,
    after: (milliseconds, act) => {
      waits.push(milliseconds);
      queueMicrotask(act);
      return () => {};
    },
  });
  // What waits for the browser keeps no program running.
  const awake = setInterval(() => {}, 1000);
  assert.equal(await failure.promise, "sh failed with exit code 7");
  clearInterval(awake);
  assert.deepEqual(waits, [500]);
});

Deno.test({
  name: "openBrowser() says which permission is missing",
  permissions: { run: false, read: true },
  async fn() {
    await assert.rejects(openBrowser(URL_, { command: "true:false" }), {
      code: "browser_failed",
      message: /--allow-run/,
    });
  },
});

Deno.test("openBrowser() starts the browser without a shell, without its own secrets, and does not wait for it", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const script = `${path}/browser`;
  await Deno.writeTextFile(
    script,
    `#!/bin/sh\nprintf '%s\\n' "$@" > "$0.args"\nenv > "$0.env"\necho $$ > "$0.pid"\necho noise; echo noise >&2\nmv "$0.args" "$0.done"\nexec sleep 60\n`,
  );
  await Deno.chmod(script, 0o755);
  const url = "https://x.example/?a=1&b=`touch%20x`;$(touch y)|&'\"*";
  await openBrowser(url, {
    command: `${script} --first`,
    env: {
      PATH: "/usr/bin:/bin",
      HOME: path,
      TD_CONSUMER_SECRET: "canary",
      td_access_token: "canary",
    },
  });
  assert.equal(await written(`${script}.done`), `--first\n${url}\n`);
  const env = await Deno.readTextFile(`${script}.env`);
  assert.ok(!env.includes("canary"));
  assert.ok(env.includes(`HOME=${path}`));
  // It runs on: it was not waited for.
  Deno.kill(Number(await Deno.readTextFile(`${script}.pid`)), "SIGKILL");
});

Deno.test("openBrowser() keeps what the browser prints and tdauth's secrets apart, in a real process", async () => {
  await using directory = temporaryDirectory();
  const script = `${directory.path}/browser`;
  await Deno.writeTextFile(
    script,
    '#!/bin/sh\necho noise; echo noise >&2\nenv > "$0.tmp"; mv "$0.tmp" "$0.env"\n',
  );
  await Deno.chmod(script, 0o755);
  const module = import.meta.resolve("../../src/login/browser.ts");
  const code = `import { openBrowser } from "${module}";
await openBrowser("https://x.example/", { command: Deno.args[0] });`;
  await Deno.writeTextFile(`${directory.path}/main.ts`, code);
  const { success, stdout, stderr } = await denoProcess(
    ["run", "-A", "-q", "--no-lock", `${directory.path}/main.ts`, script],
    { env: { TD_CONSUMER_SECRET: "canary", TD_ACCESS_TOKEN: "canary" } },
  ).output();
  const decoder = new TextDecoder();
  assert.equal(decoder.decode(stdout) + decoder.decode(stderr), "");
  assert.ok(success);
  assert.ok(!(await written(`${script}.env`)).includes("canary"));
});

Deno.test("authorize() hands a browser no secret where it may not read the whole environment", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const script = `${path}/browser`;
  await Deno.writeTextFile(
    script,
    '#!/bin/sh\nenv > "$0.tmp"; mv "$0.tmp" "$0.env"\n',
  );
  await Deno.chmod(script, 0o755);
  const code = `import { authorize } from "${
    import.meta.resolve("../../mod.ts")
  }";
await authorize({
  provider: "schwab",
  consumerKey: "KEY",
  consumerSecret: "SECRET",
  callbackUrl: "https://callback.example/",
  storeTokens: false,
  loginTimeout: 5,
  pastedUrls: (async function* () {
    await new Promise((resolve) => setTimeout(resolve, 3000));
  })(),
}).catch(() => {});`;
  await Deno.writeTextFile(`${path}/main.ts`, code);
  const env = {
    ...Object.fromEntries(SECRET_VARIABLES.map((name) => [name, "canary"])),
    BROWSER: script,
  };
  const { stderr } = await denoProcess([
    "run",
    "-q",
    "--no-lock",
    "--no-prompt",
    "--allow-env=BROWSER",
    "--allow-run",
    "--allow-read",
    "--allow-net",
    `--config=${fileURLToPath(import.meta.resolve("../../deno.json"))}`,
    `${path}/main.ts`,
  ], { env }).output();
  assert.equal(
    /not opened|Cannot open/.test(new TextDecoder().decode(stderr)),
    false,
  );
  const seen = await written(`${script}.env`);
  assert.ok(seen.includes("BROWSER="));
  assert.ok(!seen.includes("canary"), seen);
});

/** What a browser has written, once it has. */
async function written(path: string): Promise<string> {
  for (;;) {
    try {
      return await Deno.readTextFile(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
