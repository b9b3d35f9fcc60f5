import { realEnv } from "../system/environment.ts";
import { OS } from "../system/os.ts";
import { fromBase64Url, toBase64Url } from "./box.ts";
import type { Keychain } from "./keychain_tool.ts";
import type { SealBytes, SealKey } from "./seal_key.ts";

/** Options of {@linkcode keychainKey}. */
export interface KeychainKeyOptions {
  /** The environment that leads to the user's session. @default {the real one} */
  readonly env?: (name: string) => string | undefined;
  /** The timeout of a call to the keychain, in milliseconds. @default {10000} */
  readonly limit?: number;
  /** The keychain. @default {the operating system's} */
  readonly keychain?: Keychain;
}

/**
 * Returns a key in the operating system's keychain: the Secret Service of a Linux
 * desktop (by `secret-tool`), the login keychain of macOS (by `security`), or
 * Windows' Data Protection API (by Windows PowerShell). Each is 32 random bytes,
 * generated for one cache, and is deleted when that cache is cleared.
 *
 * A keychain that is locked, absent or too slow causes an error: nothing is ever
 * written unencrypted instead.
 *
 * @param options The session and the time limit.
 * @returns The key.
 *
 * @example
 * ```ts ignore
 * import { DiskCache, keychainKey, SealedCache } from "@tdauth/tdauth";
 *
 * const cache = new SealedCache(new DiskCache("/home/me/app", "tokens"), keychainKey());
 * ```
 */
export function keychainKey(options: KeychainKeyOptions = {}): SealKey {
  let keychain: Promise<Keychain> | undefined;
  const get = () => keychain ??= systemKeychain(options);
  return {
    from: "keychain",
    async make() {
      const key = crypto.getRandomValues(new Uint8Array(32));
      return { key, parameters: await (await get()).keep(toBase64Url(key)) };
    },
    find: async (parameters) => keyOf(await (await get()).find(parameters)),
    forget: async (parameters) => await (await get()).forget(parameters),
  };
}

async function keyOf(text: string): Promise<SealBytes> {
  try {
    const key = fromBase64Url(text.trim());
    if (key.length === 32) return key;
  } catch {
    // Reported below: what was found is not a key.
  }
  throw (await import("./keychain_tool.ts")).keyGone();
}

/** Loads the operating system's keychain, and no other one's code. */
async function systemKeychain(
  { env = realEnv, limit, keychain }: KeychainKeyOptions,
): Promise<Keychain> {
  if (keychain !== undefined) return keychain;
  const { keychainRunner } = await import("./keychain_runner.ts");
  const run = keychainRunner(env, limit);
  if (OS === "darwin") {
    return (await import("./macos_keychain.ts")).macosKeychain(run);
  }
  if (OS === "windows") {
    return (await import("./windows_protection.ts"))
      .windowsProtection(run, env("SystemRoot"));
  }
  return (await import("./secret_service.ts")).secretService(run);
}
