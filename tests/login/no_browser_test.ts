import assert from "node:assert/strict";
import type { BrowserPlatform } from "../../src/login/browser_commands.ts";
import { noBrowser } from "../../src/login/no_browser.ts";

const SSH = { SSH_CONNECTION: "192.0.2.1 50000 192.0.2.2 22" };
const CASES: readonly (readonly [
  string,
  BrowserPlatform,
  Readonly<Record<string, string>>,
  string | undefined,
])[] = [
  ["a desktop", "linux", { DISPLAY: ":0" }, undefined],
  ["a Wayland desktop", "linux", { WAYLAND_DISPLAY: "wayland-0" }, undefined],
  ["a server or a container", "linux", {}, "this session has no display"],
  ["ssh", "linux", SSH, "this is an ssh session without a display"],
  ["ssh -X", "linux", { ...SSH, DISPLAY: "localhost:10.0" }, undefined],
  [
    "a remote editor",
    "linux",
    { ...SSH, BROWSER: "/vscode/helper" },
    undefined,
  ],
  ["a blank BROWSER", "linux", { BROWSER: " " }, "this session has no display"],
  ["a Mac", "darwin", {}, undefined],
  ["ssh to a Mac", "darwin", SSH, "this is an ssh session"],
  ["Windows", "windows", {}, undefined],
  ["ssh to Windows", "windows", SSH, "this is an ssh session"],
  ["WSL", "wsl", {}, undefined],
];
for (const [where, platform, env, reason] of CASES) {
  Deno.test(`noBrowser() ${reason === undefined ? "finds one" : "says why there is none"} in ${where}`, () => {
    const variables: Readonly<Record<string, string | undefined>> = env;
    assert.equal(noBrowser((name) => variables[name], platform), reason);
  });
}
