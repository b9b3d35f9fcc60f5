import type { Authority, VerifiedAuthority } from "./authority.ts";

/** The place of a trust store. */
export interface StoreLocation {
  /**
   * The kind of store: `nss` a database of NSS (Chromium and Firefox on Linux),
   * `system` the system's own anchors, `keychain` that of macOS, `windows` the
   * user's root store.
   */
  readonly kind: "nss" | "system" | "keychain" | "windows";
  /** The database's directory, the file, or the store's name. */
  readonly path: string;
}

/** Whether a CA is in a store: `present` is there without being trusted. */
export type Presence = "trusted" | "present" | "absent";

/** A trust store. */
export interface TrustStore extends StoreLocation {
  /** Checks whether the CA is really in it. */
  look(authority: Authority): Promise<Presence>;
  /**
   * Trusts a CA for servers only.
   *
   * @param authority The CA.
   * @param file A file with its certificate, PEM, which may be read until it returns.
   * @throws {TdauthError} `certificate_failed` when it rejected it.
   */
  add(authority: VerifiedAuthority, file: string): Promise<void>;
  /**
   * Removes exactly this CA, if present.
   *
   * @throws {TdauthError} `certificate_failed` when it is still there.
   */
  remove(authority: Authority): Promise<void>;
}

/**
 * Names a store for users.
 *
 * @param place The store.
 * @returns For instance `Firefox, profile x1y2.default`.
 */
export function storeName({ kind, path }: StoreLocation): string {
  if (kind === "system") return "this system";
  if (kind === "keychain") return "the login keychain";
  if (kind === "windows") return "the user's root store";
  const firefox = /\/(firefox|\.librewolf)\/([^/]+)$/.exec(path);
  if (firefox !== null) {
    return `${firefox[1] === "firefox" ? "Firefox" : "LibreWolf"}, profile ${
      firefox[2]
    }`;
  }
  const packed = /\/snap\/([^/]+)\//.exec(path) ??
    /\/\.var\/app\/([^/]+)\//.exec(path);
  return packed === null
    ? "Chromium and Chrome"
    : `${packed[1]} (${path.includes("/snap/") ? "snap" : "Flatpak"})`;
}
