import type { Provider } from "../providers/provider.ts";

/** What stands for the user's own part in the issuer of Microsoft Entra's shared metadata. */
const TENANT = "{tenantid}";

/**
 * Whether an issuer is the one that metadata name. Microsoft Entra's `common`,
 * `organizations` and `consumers` have the metadata of all tenants, whose issuer
 * has `{tenantid}` in place of a segment of its path.
 *
 * @param issuer The issuer.
 * @param named What the metadata say.
 */
export function isIssuer(issuer: string, named: string): boolean {
  if (!named.includes(TENANT)) return issuer === named;
  const [before = "", after = "", ...more] = named.split(TENANT);
  const tenant = issuer.slice(before.length, issuer.length - after.length);
  return more.length === 0 && issuer.startsWith(before) &&
    issuer.endsWith(after) && /^[\w.-]+$/.test(tenant) &&
    issuer === before + tenant + after;
}

/**
 * Returns the issuer that a redirect's `iss` must be (RFC 9207).
 *
 * @param provider The provider.
 * @param redirect The redirect's parameters.
 * @returns The issuer; undefined where neither is known.
 */
export function expectedIssuer(
  provider: Pick<Provider, "issuer">,
  redirect: URLSearchParams,
): string | undefined {
  const { issuer } = provider;
  const iss = redirect.get("iss") ?? undefined;
  // Without a known issuer there is nothing that `iss` could differ from.
  if (issuer === undefined) return iss;
  return iss !== undefined && isIssuer(iss, issuer) ? iss : issuer;
}
