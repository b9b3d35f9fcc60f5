/**
 * Always a valid access token for a brokerage account: from the cache, by the
 * refresh token, or by a login in the user's browser. For Charles Schwab, for TD
 * Ameritrade's protocol, and for any OAuth 2.0 provider by discovery.
 *
 * @example
 * ```ts ignore
 * import { authorize } from "@tdauth/tdauth";
 *
 * const td = await authorize({
 *   consumerKey: "my app key",
 *   consumerSecret: "my app secret",
 *   callbackUrl: "https://127.0.0.1:8182",
 * });
 * const response = await td.fetch("/trader/v1/accounts/accountNumbers");
 * console.log(await response.json());
 * ```
 *
 * @module
 */
export type { After } from "./src/base/after.ts";
export { authorize } from "./src/client/authorize.ts";
export type { AuthorizeOptions } from "./src/client/authorize_options.ts";
export { beginLogin, finishLogin } from "./src/client/begin_login.ts";
export type { BegunLogin } from "./src/client/two_step_login.ts";
export { Authorization } from "./src/client/authorization.ts";
export type { LogoutResult } from "./src/client/logout.ts";
export { DiskCache, type DiskCacheOptions } from "./src/cache/disk_cache.ts";
export {
  type Lease,
  type LeaseLock,
  leaseLock,
  type LeaseLockOptions,
  type LeaseOperations,
  type LeaseRequest,
  type LeaseTurn,
  overtaken,
} from "./src/cache/lease_lock.ts";
export { MemCache, type MemCacheOptions } from "./src/cache/mem_cache.ts";
export {
  SealedCache,
  type SealedCacheOptions,
} from "./src/cache/sealed_cache.ts";
export type { LockHolder } from "./src/system/lock_holder.ts";
export type {
  ExclusiveOptions,
  ExclusiveWork,
  TokenCache,
  WriteKind,
  WriteOptions,
} from "./src/cache/token_cache.ts";
export { Hint, type HintInput, type HintStep } from "./src/base/hint.ts";
export type { Claims } from "./src/token/claims.ts";
export { formatTokens, parseTokens } from "./src/token/token_json.ts";
export {
  TdauthError,
  type TdauthErrorCode,
  type TdauthErrorOptions,
} from "./src/base/errors.ts";
export type { Log, LogLevel } from "./src/base/log.ts";
export type { LoginEvent } from "./src/login/login_event.ts";
export type {
  ClientAuthentication,
  LoginNeededError,
  Provider,
} from "./src/providers/provider.ts";
export { discover, type DiscoverOptions } from "./src/oauth/discovered.ts";
export type { BrokerOptions } from "./src/providers/preset.ts";
export type { ProviderName } from "./src/providers/provider_name.ts";
export { questrade } from "./src/providers/questrade.ts";
export { schwab } from "./src/providers/schwab.ts";
export { tastytrade } from "./src/providers/tastytrade.ts";
export { tdAmeritrade } from "./src/providers/td_ameritrade.ts";
export { tradeStation } from "./src/providers/trade_station.ts";
export { keychainKey, type KeychainKeyOptions } from "./src/seal/keychain.ts";
export type { Keychain } from "./src/seal/keychain_tool.ts";
export { passphraseKey } from "./src/seal/passphrase_key.ts";
export { rawKey } from "./src/seal/raw_key.ts";
export type { SealBytes, SealKey } from "./src/seal/seal_key.ts";
export type { SealKeySource } from "./src/token/sealed_text.ts";
export {
  AccessToken,
  noTokens,
  RefreshToken,
  Token,
  type TokenData,
  type Tokens,
} from "./src/token/token.ts";
export { createWebHandler, type WebHandler } from "./src/web/web_handler.ts";
export type { WebPaths } from "./src/web/web_app.ts";
export type { WebHandlerOptions } from "./src/web/web_options.ts";
