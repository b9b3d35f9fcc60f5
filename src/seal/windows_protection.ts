import { ask, type Keychain, keyGone, programFailed } from "./keychain_tool.ts";
import type { ProgramCall, RunProgram } from "../system/run_program.ts";

const INSTALL =
  "it is part of Windows: check that Windows PowerShell is enabled";

/** The script's exit code when the data cannot be decrypted here. */
const REFUSED = 77;

/**
 * Windows' Data Protection API: only the same user of the same machine can
 * decrypt what it encrypts. It stores nothing, so its result is part of the
 * sealed text.
 *
 * @param run Runs Windows PowerShell.
 * @param systemRoot Windows' own directory: no other program of that name is asked.
 * @returns The keychain.
 */
export function windowsProtection(
  run: RunProgram,
  systemRoot = "C:\\Windows",
): Keychain {
  const call = async (name: "Protect" | "Unprotect", data: string) => {
    const tool: ProgramCall = {
      program:
        `${systemRoot}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`,
      args: [
        "-NoLogo",
        "-NoProfile",
        "-NonInteractive",
        "-Command",
        script(name),
      ],
      input: `${data}\n`,
    };
    return { tool, result: await ask(run, tool, INSTALL) };
  };
  return {
    async keep(secret) {
      const { tool, result } = await call("Protect", btoa(secret));
      if (result.code !== 0) throw programFailed(tool, result);
      return toBase64Url(result.stdout.trim());
    },
    async find(parameters) {
      if (!/^[\w-]{40,4000}$/.test(parameters)) throw keyGone();
      const { tool, result } = await call(
        "Unprotect",
        fromBase64Url(parameters),
      );
      // Another user, another machine, or changed data: it does not say which.
      if (result.code === REFUSED) throw keyGone();
      // A PowerShell that may not do this must not make users discard tokens.
      if (result.code !== 0) throw programFailed(tool, result);
      return atob(result.stdout.trim());
    },
    forget: () => Promise.resolve(),
  };
}

/** The data pass in Base64 through stdin and stdout. */
function script(name: "Protect" | "Unprotect"): string {
  return [
    "$ErrorActionPreference = 'Stop'",
    "Add-Type -AssemblyName System.Security",
    "$data = [Convert]::FromBase64String([Console]::In.ReadLine())",
    `try { $done = [Security.Cryptography.ProtectedData]::${name}($data, $null, 'CurrentUser') } catch [Security.Cryptography.CryptographicException] { exit ${REFUSED} }`,
    "[Console]::Out.Write([Convert]::ToBase64String($done))",
  ].join("; ");
}

function toBase64Url(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64Url(text: string): string {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return base64.padEnd(Math.ceil(base64.length / 4) * 4, "=");
}
