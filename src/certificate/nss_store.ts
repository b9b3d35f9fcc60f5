import { TdauthError } from "../base/errors.ts";
import { fromPem } from "./pem.ts";
import type { Authority, VerifiedAuthority } from "./authority.ts";
import { mustRun } from "./must_run.ts";
import type { ProgramResult, RunProgram } from "../system/run_program.ts";
import { type Presence, storeName, type TrustStore } from "./store.ts";
import { shellWord } from "../base/shell_word.ts";
import { isFile } from "../system/file_stat.ts";
import { makeDirectory } from "../system/files.ts";
import { isNotFound } from "../system/system_error.ts";

/** Trusted as a CA of servers; not for mail, not for programs. */
const TRUST = "C,,";

/**
 * A certificate database of NSS, which Chromium and Firefox read on Linux,
 * through NSS's own `certutil`.
 *
 * @param path The database's directory.
 * @param run Runs `certutil`.
 * @returns The store.
 */
export function nssStore(path: string, run: RunProgram): TrustStore {
  const where = storeName({ kind: "nss", path });
  const certutil = async (
    args: readonly string[],
    input?: string,
  ): Promise<ProgramResult> => {
    try {
      return await run({
        program: "certutil",
        args: [...args, "-d", `sql:${path}`],
        ...(input !== undefined && { input }),
      });
    } catch (error) {
      throw isNotFound(error) ? noCertutil(error) : error;
    }
  };
  const must = (args: readonly string[], what: string, input?: string) =>
    mustRun(() => certutil(args, input), { program: "certutil", args }, what);

  const look = async ({ name, pem }: Authority): Promise<Presence> => {
    if (!hasDatabase(path)) return "absent";
    const found = await certutil(["-L", "-n", name, "-a"]);
    if (found.code !== 0) {
      if (/Could not find cert/i.test(found.stderr)) return "absent";
      throw new TdauthError(
        "certificate_failed",
        `Cannot read the trust store of ${where}: its database is damaged or in another format`,
        {
          hint: `check it: certutil -L -d ${shellWord(`sql:${path}`)}`,
          cause: new Error(found.stderr.trim()),
        },
      );
    }
    // Another certificate of this name is not ours.
    if (fromPem(found.stdout.trim()) !== fromPem(pem)) return "absent";
    const list = await must(["-L"], `read the trust store of ${where}`);
    const line = list.split("\n").find((text) => text.startsWith(`${name} `));
    const flags = line?.slice(name.length).trim() ?? "";
    return flags.split(",")[0]?.includes("C") ? "trusted" : "present";
  };

  const remove = async (authority: Authority): Promise<void> => {
    if (await look(authority) === "absent") return;
    await must(
      ["-D", "-n", authority.name, "-f", "/dev/null"],
      `remove the local CA from the trust store of ${where}`,
    );
  };

  const add = async (
    authority: VerifiedAuthority,
    file: string,
  ): Promise<void> => {
    if (!hasDatabase(path)) {
      makeDirectory(path, 0o700);
      await must(
        ["-N", "--empty-password"],
        `create the trust store of ${where}`,
      );
    }
    const { name, pem } = authority;
    // The password comes from a file, so it never prompts: an empty one equals none.
    const args = ["-A", "-n", name, "-t", TRUST, "-a", "-f", "/dev/null"];
    const { code, stderr } = await certutil(args, pem);
    if (code === 0 && await look(authority) === "trusted") return;
    // If the password is missing the certificate is already there, without trust.
    await remove(authority);
    const password = /SEC_ERROR_BAD_PASSWORD/.test(stderr);
    throw new TdauthError(
      "certificate_failed",
      `Cannot add the local CA to the trust store of ${where}: ${
        password ? "it is password-protected" : "certutil failed"
      }`,
      {
        hint: `add it by hand: certutil -A -d ${shellWord(`sql:${path}`)} -n ${
          shellWord(name)
        } -t C,, -a -i ${shellWord(file)}`,
        ...(stderr !== "" && { cause: new Error(stderr.trim()) }),
      },
    );
  };
  return { kind: "nss", path, look, add, remove };
}

/** Whether a directory holds a certificate database. */
export function hasDatabase(path: string): boolean {
  return isFile(`${path}/cert9.db`);
}

function noCertutil(cause: unknown): TdauthError {
  return new TdauthError(
    "certificate_failed",
    "Cannot read the browsers' trust stores: certutil is not installed",
    {
      hint:
        "install it: apt-get install libnss3-tools (Debian, Ubuntu), dnf install nss-tools (Fedora), pacman -S nss (Arch), zypper install mozilla-nss-tools (openSUSE)",
      cause,
    },
  );
}
