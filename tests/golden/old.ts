/** The code of commit c2180da, which reads what the code of today has written. */
import assert from "node:assert/strict";
import type { AccessToken, RefreshToken } from "@tdauth/tdauth";
import { LATER } from "./place.ts";

/** Tokens as that code reads them, as far as the tests look at them. */
export interface OldTokens {
  readonly accessToken: { readonly token?: string };
  readonly refreshToken: { readonly token?: string };
  readonly loginTime?: number;
  readonly scope?: string;
  readonly provider?: string;
  readonly consumerKey?: string;
  readonly refreshPending?: number;
}

/** A cache of that code. */
export interface OldCache {
  load(): Promise<OldTokens>;
  save(tokens: OldTokens): Promise<void>;
  exclusive<T>(
    work: "refresh" | "login",
    run: () => Promise<T>,
  ): Promise<T>;
}

/** That code, whose types are not kept. */
interface Old {
  prepare(
    options: Readonly<Record<string, unknown>>,
    where: { readonly env: (name: string) => string | undefined },
  ): Promise<{ readonly cache: OldCache }>;
  authorize(
    options: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly accessToken: object }>;
  readonly DiskCache: new (directory: string, name: string) => OldCache & {
    accessToken: AccessToken;
    refreshToken: RefreshToken;
  };
  readonly SealedCache: new (
    cache: OldCache,
    key: unknown,
    options: Readonly<Record<string, unknown>>,
  ) => OldCache;
  rawKey(text: string): unknown;
  readConfig(directory: string): unknown;
  keptCertificate(directory: string): unknown;
  readTrust(directory: string): unknown;
  connectRedis(options: Readonly<Record<string, unknown>>): Promise<
    & { readonly cacheFor: (user: string) => OldCache }
    & AsyncDisposable
  >;
}

/** Loads it; by a name that is computed, for nothing is to check it. */
export async function loadOld(): Promise<Old> {
  return await import(new URL("written/old.js", import.meta.url).href);
}

/** Reads a profile's tokens as that code does, and checks that it had nothing to set aside. */
export async function oldReads(
  configDir: string,
  profile: string,
  env: Readonly<Record<string, string>> = {},
): Promise<OldTokens> {
  const { prepare } = await loadOld();
  const { cache } = await prepare({
    configDir,
    profile,
    interactive: false,
    now: () => LATER * 1000,
    log: () => {},
  }, { env: (name) => env[name] });
  const tokens = await cache.load();
  const names = [...Deno.readDirSync(configDir)].map(({ name }) => name);
  assert.deepEqual(names.filter((name) => name.includes("corrupt")), []);
  return tokens;
}
