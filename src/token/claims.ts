/**
 * What a provider says about its user: the claims of an id_token (OpenID Connect
 * Core §2, §5.1) which was checked when it came.
 *
 * @example A key for the user's data
 * ```ts
 * import type { Claims } from "@tdauth/tdauth";
 *
 * function userKey({ iss, sub }: Claims): string {
 *   return JSON.stringify([iss, sub]);
 * }
 * ```
 */
export interface Claims {
  /** The issuer: a `sub` is unique among its users alone. */
  readonly iss: string;
  /** The user, as the issuer knows them: never changed, never given to another. */
  readonly sub: string;
  /** All else, such as `name` and `email`; of any type, and the user's own to change. */
  readonly [claim: string]: unknown;
}
