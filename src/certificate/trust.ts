import { updateFile } from "../system/atomic_file.ts";
import { notOurs } from "../system/own_files.ts";
import { makePrivateDirectory } from "../system/private_path.ts";
import { caName } from "./local_ca.ts";
import { fromPem } from "./pem.ts";
import {
  type Authority,
  readAuthority,
  type VerifiedAuthority,
} from "./authority.ts";
import { openStore, type TrustContext } from "./find_stores.ts";
import type { StoreLocation, TrustStore } from "./store.ts";
import { forgetTrust, noteTrust, readTrust } from "./trust_record.ts";

/**
 * Writes the CA's certificate into a file, for programs that accept only files
 * and for users who import it themselves.
 *
 * @param directory The configuration directory.
 * @param authority The CA.
 * @returns The path.
 * @throws {TdauthError} `cache_unreadable` when it cannot be written, or another program's file has its name.
 */
export function writeCa(directory: string, { pem }: VerifiedAuthority): string {
  makePrivateDirectory(directory);
  const path = `${directory}/ca.pem`;
  updateFile(path, (old) => {
    if (old !== undefined && caName(fromPem(old)) === undefined) {
      throw notOurs(path);
    }
    return pem;
  });
  return path;
}

/**
 * Adds a CA to a store, and records it.
 *
 * @param directory The configuration directory.
 * @param authority The CA.
 * @param store The store.
 * @returns Whether it was added; else it was already trusted there.
 * @throws {TdauthError} `certificate_failed` or `cache_unreadable`.
 */
export async function trustIn(
  directory: string,
  authority: VerifiedAuthority,
  store: TrustStore,
): Promise<boolean> {
  const file = writeCa(directory, authority);
  const before = await store.look(authority);
  noteTrust(directory, authority.pem, placeOf(store));
  if (before === "trusted") return false;
  try {
    await store.add(authority, file);
    return true;
  } catch (error) {
    // If that is unknown it may be there: then it stays on the list.
    const after = await store.look(authority).catch(() => "unknown");
    if (after === "absent") {
      forgetTrust(directory, authority.pem, placeOf(store));
    }
    throw error;
  }
}

/** The name of a CA whose certificate in trust.json cannot be read. */
const DAMAGED = "a damaged entry of trust.json";

/** The result for a CA in a store that it was added to. */
export interface RemovalResult extends StoreLocation {
  /** The CA. */
  readonly authority: Authority;
  /** Whether it was removed; else it was already gone. */
  readonly removed: boolean;
  /** Why it is still there. */
  readonly error?: unknown;
}

/**
 * Removes exactly what was added to the trust stores.
 *
 * @param directory The configuration directory.
 * @param trustContext The machine.
 * @param except The certificate, PEM, of a CA that stays.
 * @returns The result for each.
 * @throws {TdauthError} `certificate_failed` or `cache_unreadable` when the record cannot be read.
 */
export async function untrustAll(
  directory: string,
  trustContext: TrustContext,
  except?: string,
): Promise<readonly RemovalResult[]> {
  const outcomes: RemovalResult[] = [];
  for (const { ca, stores } of readTrust(directory)) {
    if (ca === except) continue;
    let authority: Authority;
    try {
      authority = await readAuthority(ca);
    } catch (error) {
      // It does not keep others from being removed.
      const unknown = { pem: ca, name: DAMAGED, sha256: "", sha1: "" };
      outcomes.push(...stores.map((place) => ({
        ...place,
        authority: unknown,
        removed: false,
        error,
      })));
      continue;
    }
    for (const place of stores) {
      try {
        const store = openStore(place, trustContext);
        const removed = await store.look(authority) !== "absent";
        if (removed) await store.remove(authority);
        forgetTrust(directory, ca, place);
        outcomes.push({ ...place, authority, removed });
      } catch (error) {
        outcomes.push({ ...place, authority, removed: false, error });
      }
    }
  }
  return outcomes;
}

function placeOf({ kind, path }: TrustStore): StoreLocation {
  return { kind, path };
}
