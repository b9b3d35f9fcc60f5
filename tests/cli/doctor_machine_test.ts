import assert from "node:assert/strict";
import denoJson from "../../deno.json" with { type: "json" };
import { assertLine, examined } from "./doctor.ts";
import { startMachine } from "./machine.ts";

Deno.test("tdauth doctor shows the versions of tdauth, of Deno and of the system", async () => {
  await using machine = await startMachine();
  assertLine(
    await examined(machine),
    "version",
    "ok",
    new RegExp(
      `^tdauth ${denoJson.version}, Deno ${Deno.version.deno}, ${Deno.build.os} `,
    ),
  );
});

Deno.test("tdauth doctor shows the ssh command that lets the browser's machine reach the callback port", async () => {
  await using machine = await startMachine();
  const { port } = machine;
  const SSH_CONNECTION = "192.0.2.7 50000 198.51.100.3 22";
  const lines = await examined(machine, ["--offline"], {
    env: { SSH_CONNECTION },
  });
  assertLine(
    lines,
    "session",
    "warning",
    /over ssh/,
    new RegExp(
      `ssh -L ${port}:127\\.0\\.0\\.1:${port} \\S+@198\\.51\\.100\\.3$`,
    ),
  );
  assert.ok(!lines.some(({ check }) => check === "browser"));
  const elsewhere = await examined(machine, ["--offline"], {
    env: { SSH_CONNECTION, TD_CALLBACK_URL: "https://example.com/" },
  });
  assertLine(elsewhere, "session", "warning", /over ssh/, /^paste .* $/);
});

Deno.test("tdauth doctor knows a container and WSL", async () => {
  await using machine = await startMachine();
  const run = (env: Record<string, string>) =>
    examined(machine, ["--offline"], { env });
  assertLine(
    await run({ container: "podman" }),
    "session",
    "warning",
    /in a container/,
    /tdauth login --no-browser$/,
  );
  const wsl = await run({ WSL_DISTRO_NAME: "Debian" });
  assertLine(wsl, "session", "ok", /^WSL \(Debian\)/);
});

Deno.test("tdauth doctor says what opens the login page, and what to do where nothing does", async () => {
  await using machine = await startMachine();
  const run = (env: Record<string, string>) =>
    // Of this machine, whatever it is, the test is not to depend.
    examined(machine, ["--offline"], {
      env: { WSL_DISTRO_NAME: "Debian", ...env },
    });
  const bin = `${machine.home}/bin`;
  Deno.mkdirSync(bin);
  assertLine(
    await run({ BROWSER: "no-such-browser --new-window" }),
    "browser",
    "warning",
    /^not found: no-such-browser$/,
    /tdauth login --no-browser$/,
  );
  Deno.writeTextFileSync(`${bin}/wslview`, "");
  assertLine(await run({ PATH: bin }), "browser", "ok", /^opens with wslview$/);
  assertLine(
    await run({ BROWSER: `no-such-browser:${bin}/wslview` }),
    "browser",
    "ok",
    /bin\/wslview$/,
  );
});

Deno.test("tdauth doctor prints words where it is piped, signs in colour on a terminal, and no line over 80 columns but commands", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const env = {
    ...machine.appEnv,
    TD_CALLBACK_URI: "x",
    SSH_CONNECTION: undefined,
  };
  Deno.chmodSync(machine.configDir, 0o755);
  const { code, stdout, stderr } = await machine.run(["doctor"], { env });
  assert.deepEqual([code, stderr], [1, ""]);
  assert.match(stdout, /^\n {2}Settings\n {2}ok {6}profile {9}default/);
  assert.match(stdout, /\n {2}warning spelling {8}TD_CALLBACK_URI in /);
  assert.match(stdout, /\n {2}failed {2}directory {7}others can list/);
  assert.match(
    stdout,
    /\n {26}→ restrict its permissions\n {28}chmod 700 '.*\/tdauth'\n/,
  );
  assert.match(stdout, /\n\n {2}1 failed, \d warnings?, \d+ ok\n\n$/);
  assert.ok(!stdout.includes("␛") && !/[✓✗]/.test(stdout));
  for (const line of stdout.split("\n")) {
    assert.ok(line.length <= 80 || line.includes("chmod"), line);
  }

  Deno.chmodSync(machine.configDir, 0o700);
  const well = await machine.run(["doctor"], { env });
  assert.equal(well.code, 0, well.stdout);

  if (!hasScript()) return;
  const shown = await machine.run(["doctor"], {
    env: { ...env, NO_COLOR: undefined, TERM: "xterm" },
    terminal: true,
  });
  assert.match(shown.stdout, /␛\[32m✓ ␛\[39m␛\[2mprofile/);
  assert.match(shown.stdout, /␛\[33m! ␛\[39m␛\[2mspelling/);
});

function hasScript(): boolean {
  try {
    return new Deno.Command("script", { args: ["--version"] }).outputSync()
      .success;
  } catch {
    return false;
  }
}
