import { mustRun } from "./must_run.ts";
import type { RunProgram } from "../system/run_program.ts";
import type { TrustStore } from "./store.ts";
import { withCaFile } from "./with_ca_file.ts";

/**
 * The root store of a Windows user, through Windows' own `certutil`. The system
 * itself asks the user before it changes trust.
 *
 * @param path The store's name.
 * @param run Runs `certutil`.
 * @param systemRoot Windows' own directory: NSS has a program of the same name.
 * @returns The store.
 */
export function windowsStore(
  path: string,
  run: RunProgram,
  systemRoot = "C:\\Windows",
): TrustStore {
  const certutil = (...args: string[]) => ({
    program: `${systemRoot}\\System32\\certutil.exe`,
    args: ["-user", ...args],
  });
  const look: TrustStore["look"] = async ({ sha1 }) => {
    // Its output is in the user's language; its exit code is not.
    const { code } = await run(certutil("-store", path, sha1));
    return code === 0 ? "trusted" : "absent";
  };
  return {
    kind: "windows",
    path,
    look,
    add: (authority) =>
      withCaFile(authority, async (file) => {
        await mustRun(
          run,
          certutil("-addstore", path, file),
          "add the local CA to the user's root store",
          "run it in a desktop session, and confirm when Windows asks",
        );
      }),
    remove: async (authority) => {
      if (await look(authority) === "absent") return;
      await mustRun(
        run,
        certutil("-delstore", path, authority.sha1),
        "remove the local CA from the user's root store",
        `remove "${authority.name}" in certmgr.msc, Trusted Root Certification Authorities`,
      );
    },
  };
}
