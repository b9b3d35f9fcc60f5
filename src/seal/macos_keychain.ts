import {
  ask,
  isKeyId,
  type Keychain,
  keychainLocked,
  keyNamed,
  newKeyId,
  notKept,
  programFailed,
} from "./keychain_tool.ts";
import type { ProgramCall, RunProgram } from "../system/run_program.ts";

const INSTALL = "it is part of macOS: check /usr/bin";
/** errSecItemNotFound (-25300), as an exit code. */
const NOT_FOUND = 44;
/** errSecInteractionNotAllowed, errSecAuthFailed and errSecUserCanceled, as exit codes. */
const LOCKED: readonly number[] = [36, 51, 128];

/**
 * The login keychain of macOS, by the system's own program. A new secret goes
 * into a command on its stdin, because every user of the machine can see
 * arguments.
 *
 * @param run Runs `security`.
 * @returns The keychain.
 */
export function macosKeychain(run: RunProgram): Keychain {
  const tool = (...args: string[]): ProgramCall => ({
    program: "/usr/bin/security",
    args,
  });
  /** The secret of that name, if present. */
  const look = async (id: string) => {
    const lookup = tool(
      "find-generic-password",
      "-s",
      "tdauth",
      "-a",
      id,
      "-w",
    );
    const result = await ask(run, lookup, INSTALL);
    if (result.code === 0) return result.stdout.trim();
    if (result.code === NOT_FOUND) return undefined;
    if (LOCKED.includes(result.code)) throw keychainLocked();
    throw programFailed(lookup, result);
  };
  return {
    find: (id) => keyNamed(id, look),
    async keep(secret) {
      const id = newKeyId();
      const add = {
        ...tool("-i"),
        input:
          `add-generic-password -s tdauth -a ${id} -l "tdauth: key of tokens" -w ${secret}\n`,
      };
      const result = await ask(run, add, INSTALL);
      if (LOCKED.includes(result.code)) throw keychainLocked();
      if (result.code !== 0) throw programFailed(add, result);
      // Its exit code is that of reading stdin, not always of the command.
      if (await look(id) !== secret) throw notKept();
      return id;
    },
    async forget(id) {
      if (!isKeyId(id)) return;
      await ask(
        run,
        tool("delete-generic-password", "-s", "tdauth", "-a", id),
        INSTALL,
      );
    },
  };
}
