import {
  ask,
  isKeyId,
  type Keychain,
  keychainError,
  keychainLocked,
  keyNamed,
  newKeyId,
  notKept,
  programFailed,
} from "./keychain_tool.ts";
import type {
  ProgramCall,
  ProgramResult,
  RunProgram,
} from "../system/run_program.ts";

const INSTALL =
  "install it (Debian, Ubuntu: libsecret-tools; Fedora, Arch: libsecret)";

/**
 * The keychain of a Linux desktop, by the Secret Service's own program. Its exit
 * code is 1 for every failure, so a separate search tells them apart.
 *
 * @param run Runs `secret-tool`.
 * @returns The keychain.
 */
export function secretService(run: RunProgram): Keychain {
  const tool = (
    command: string,
    id: string,
    options: readonly string[] = [],
    input?: string,
  ): ProgramCall => ({
    program: "secret-tool",
    args: [command, ...options, "application", "tdauth", "key", id],
    ...(input !== undefined && { input }),
  });
  /** The secret of that name, if present. */
  const look = async (id: string) => {
    const lookup = tool("lookup", id);
    const found = await ask(run, lookup, INSTALL);
    if (found.code === 0 && found.stdout !== "") return found.stdout;
    refuseTrouble(lookup, found);
    // A locked keychain looks like one without the entry, but a search lists it.
    const search = await ask(run, tool("search", id, ["--all"]), INSTALL);
    const shown = search.stdout + search.stderr;
    if (/^attribute\.key = /m.test(shown)) throw keychainLocked();
    refuseTrouble(lookup, search);
    return undefined;
  };
  return {
    find: (id) => keyNamed(id, look),
    async keep(secret) {
      const id = newKeyId();
      const store = tool(
        "store",
        id,
        ["--label=tdauth: key of tokens"],
        secret,
      );
      const result = await ask(run, store, INSTALL);
      if (result.code !== 0) {
        refuseTrouble(store, result);
        throw programFailed(store, result);
      }
      if (await look(id) !== secret) throw notKept();
      return id;
    },
    async forget(id) {
      if (isKeyId(id)) await ask(run, tool("clear", id), INSTALL);
    },
  };
}

/** The error when `secret-tool` finds no service, or the service needs its user. */
function refuseTrouble(tool: ProgramCall, result: ProgramResult): void {
  const { stderr } = result;
  if (/locked|does not exist at path|dismissed|prompt/i.test(stderr)) {
    throw keychainLocked();
  }
  if (/D-?Bus|org\.freedesktop|could not connect|connection/i.test(stderr)) {
    throw keychainError(
      "there is no desktop session with a keyring (a Secret Service on D-Bus)",
      "run it in a desktop session; without one, seal with a passphrase or a key",
      new Error(stderr.trim()),
    );
  }
  if (result.code > 1) throw programFailed(tool, result);
}
