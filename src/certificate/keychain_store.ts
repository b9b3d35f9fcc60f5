import type { Authority } from "./authority.ts";
import { mustRun } from "./must_run.ts";
import type { RunProgram } from "../system/run_program.ts";
import type { TrustStore } from "./store.ts";
import { withCaFile } from "./with_ca_file.ts";

/** The macOS tool, regardless of PATH. */
const SECURITY = "/usr/bin/security";

/**
 * A keychain of macOS, through `security`. The system itself asks the user
 * before it changes trust.
 *
 * @param path The keychain's file.
 * @param run Runs `security`.
 * @returns The store.
 */
export function keychainStore(path: string, run: RunProgram): TrustStore {
  const security = (args: readonly string[]) => ({ program: SECURITY, args });
  const look = async ({ name, sha1 }: Authority) => {
    const found = await run(
      security(["find-certificate", "-a", "-c", name, "-Z", path]),
    );
    const there = found.code === 0 &&
      found.stdout.toLowerCase().includes(`sha-1 hash: ${sha1}`);
    if (!there) return "absent";
    // It fails when there are no settings at all.
    const settings = await run(security(["dump-trust-settings"]));
    return settings.stdout.includes(name) ? "trusted" : "present";
  };
  return {
    kind: "keychain",
    path,
    look,
    add: (authority) =>
      withCaFile(authority, async (file) => {
        await mustRun(
          run,
          security([
            "add-trusted-cert",
            "-r",
            "trustRoot",
            "-p",
            "ssl",
            "-k",
            path,
            file,
          ]),
          "add the local CA to the login keychain",
          "run it in a desktop session, and confirm when macOS asks",
        );
      }),
    remove: async (authority) => {
      if (await look(authority) === "absent") return;
      await mustRun(
        run,
        security(["delete-certificate", "-Z", authority.sha1, "-t", path]), // -t: its trust settings, too
        "remove the local CA from the login keychain",
        `remove "${authority.name}" in the Keychain Access app`,
      );
    },
  };
}
