import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "../support.ts";
import { startReleases } from "./place.ts";
import { DENO } from "../../tools/deno.ts";

const path = fileURLToPath(new URL("../../install.ps1", import.meta.url));
const text = Deno.readTextFileSync(path);
const code = text.replace(/<#[\s\S]*?#>/, "").replace(/#.*$/gm, "");
const ASSET = "tdauth-windows-x64.exe";

Deno.test("install.ps1 is plain ASCII, for Windows PowerShell reads it as ANSI", () => {
  // deno-lint-ignore no-control-regex -- ASCII is what is meant
  assert.match(text, /^[\x00-\x7f]*$/);
});

Deno.test("install.ps1 never ends its user's own session, and does nothing when it was cut", () => {
  assert.doesNotMatch(code, /\bexit\b/i);
  const lines = code.trimEnd().split("\n");
  // All but the parameters and the last line is inside of functions.
  const loose = lines.slice(lines.findIndex((line) => line === ")") + 1)
    .filter((line) => /^[^\s}]/.test(line) && !line.startsWith("function "));
  assert.deepEqual(loose, [lines.at(-1)]);
  assert.match(lines.at(-1) ?? "", /^Invoke-TdauthInstaller \$Version \$Dir /);
});

Deno.test("install.ps1 uses nothing that PowerShell 5.1 has not", () => {
  // ?? and ?. and && and || and ? : came with PowerShell 7.
  assert.doesNotMatch(code, /\?\?|\?\.|&&|\|\||\s\?\s[^{]/);
  assert.doesNotMatch(
    code,
    /-AsByteStream|-SkipCertificateCheck|ConvertFrom-Json -AsHashtable/,
  );
});

Deno.test("install.ps1 and install.sh are one another's counterpart", () => {
  const script = Deno.readTextFileSync(
    new URL("../../install.sh", import.meta.url),
  );
  for (
    const both of [
      "https://github.com/tdauth/tdauth/releases",
      "TDAUTH_RELEASES",
      "TDAUTH_INSTALL_DIR",
      "TD_CONFIG_DIR",
      "latest/download",
      "SHA256SUMS",
      "deno install -gA --name tdauth jsr:@tdauth/tdauth/cli",
      "the checksum does not match",
    ]
  ) {
    assert.ok(text.includes(both), both);
    assert.ok(script.includes(both), both);
  }
});

// A test of another system's program is no test here: CI's Windows runs these.
for (const shell of Deno.build.os === "windows" ? ["powershell", "pwsh"] : []) {
  Deno.test({
    name:
      `install.ps1 under ${shell} installs, keeps what is installed on a wrong checksum, and uninstalls`,
    async fn() {
      await using directory = temporaryDirectory();
      await using releases = startReleases();
      const dir = `${directory.path}\\my programs`;
      // Any program that says its version does.
      const bytes = Deno.readFileSync(DENO);
      const hash = await crypto.subtle.digest("SHA-256", bytes);
      const sum = new Uint8Array(hash).toHex();
      releases.answer(
        "download/v1.0.0/SHA256SUMS",
        () => new Response(`${sum}  ${ASSET}\n`),
      );
      releases.answer(
        `download/v1.0.0/${ASSET}`,
        () => new Response(bytes),
      );
      releases.answer(
        "download/v2.0.0/SHA256SUMS",
        () => new Response(`${"0".repeat(64)}  ${ASSET}\n`),
      );
      releases.answer(
        `download/v2.0.0/${ASSET}`,
        () => new Response("not what was promised"),
      );
      const run = async (...args: string[]) => {
        const { code, stdout, stderr } = await new Deno.Command(shell, {
          args: [
            "-NoProfile",
            "-NonInteractive",
            "-ExecutionPolicy",
            "Bypass",
            "-File",
            path,
            "-Dir",
            dir,
            ...args,
          ],
          env: { TDAUTH_RELEASES: releases.url },
          stdin: "null",
        }).output();
        const said = new TextDecoder().decode(stdout) +
          new TextDecoder().decode(stderr);
        return { code, said: said.replace(/\s+/g, " ") };
      };
      const names = () => [...Deno.readDirSync(dir)].map(({ name }) => name);

      for (let time = 0; time < 2; time++) { // anew, and in the place of the first
        const installed = await run("-Version", "1.0.0");
        assert.equal(installed.code, 0, installed.said);
        assert.match(installed.said, /^Downloading .* is installed: /);
        assert.deepEqual(names(), ["tdauth.exe"]);
      }
      const wrong = await run("-Version", "v2.0.0");
      assert.notEqual(wrong.code, 0);
      assert.match(wrong.said, /the checksum does not match/);
      assert.deepEqual(names(), ["tdauth.exe"]);
      assert.equal(Deno.statSync(`${dir}\\tdauth.exe`).size, bytes.length);
      const missing = await run("-Version", "9.9.9");
      assert.notEqual(missing.code, 0);
      assert.match(missing.said, /there is no such release or file/);

      const removed = await run("-Uninstall");
      assert.equal(removed.code, 0, removed.said);
      assert.throws(() => Deno.lstatSync(dir), Deno.errors.NotFound);
    },
  });
}
