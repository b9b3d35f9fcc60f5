import { readText, updateFile } from "../system/atomic_file.ts";
import { makePrivateDirectory } from "../system/private_path.ts";
import { TdauthError } from "../base/errors.ts";
import { keptCertificate } from "./certificate.ts";
import type { StoreLocation } from "./store.ts";

/** A CA and the trust stores that it was added to. */
export interface TrustedCa {
  /** Its certificate, PEM. */
  readonly ca: string;
  /** The stores. */
  readonly stores: readonly StoreLocation[];
}

/**
 * Returns the path of the file that records what was added to which trust
 * store. It outlives the certificate, so that it can always be removed again.
 *
 * @param directory The configuration directory.
 * @returns The path.
 */
export function trustPath(directory: string): string {
  return `${directory}/trust.json`;
}

/**
 * Reads what was added to which trust store.
 *
 * @param directory The configuration directory.
 * @returns The CAs; none where nothing was ever added.
 * @throws {TdauthError} `cache_unreadable` or `certificate_failed` when the file cannot be read or is damaged.
 */
export function readTrust(directory: string): readonly TrustedCa[] {
  return parse(readText(trustPath(directory)), directory);
}

/**
 * Records that a CA is about to be added to a store: before it is, so that an
 * interrupted one is found again.
 *
 * @param directory The configuration directory.
 * @param ca The CA's certificate, PEM.
 * @param place The store.
 * @throws {TdauthError} As {@linkcode readTrust}, or when it cannot be written.
 */
export function noteTrust(
  directory: string,
  ca: string,
  place: StoreLocation,
): void {
  change(directory, (trusted) => {
    const others = trusted.filter((one) => one.ca !== ca);
    const stores = trusted.find((one) => one.ca === ca)?.stores ?? [];
    return [...others, { ca, stores: [...without(stores, place), place] }];
  });
}

/**
 * Records that a CA is no longer in a store.
 *
 * @param directory The configuration directory.
 * @param ca The CA's certificate, PEM.
 * @param place The store.
 * @throws {TdauthError} As {@linkcode noteTrust}.
 */
export function forgetTrust(
  directory: string,
  ca: string,
  place: StoreLocation,
): void {
  change(
    directory,
    (trusted) =>
      trusted.map((one) =>
        one.ca === ca ? { ca, stores: without(one.stores, place) } : one
      ).filter(({ stores }) => stores.length > 0),
  );
}

/**
 * Returns whether browsers trust the stored certificate, according to the
 * record: runs no program.
 *
 * @param directory The configuration directory.
 * @returns `trusted`; `renewed` when it was its predecessor; else `unknown`.
 */
export function notedTrust(
  directory: string,
): "trusted" | "renewed" | "unknown" {
  try {
    // Browsers on Linux do not use the system's trust anchors.
    const noted = readTrust(directory).filter(({ stores }) =>
      stores.some(({ kind }) => kind !== "system")
    );
    if (noted.length === 0) return "unknown";
    const ca = keptCertificate(directory)?.ca;
    return noted.some((one) => one.ca === ca) ? "trusted" : "renewed";
  } catch (error) {
    if (error instanceof TdauthError) return "unknown"; // `tdauth cert show` tells what is wrong
    throw error;
  }
}

function change(
  directory: string,
  changed: (trusted: readonly TrustedCa[]) => readonly TrustedCa[],
): void {
  makePrivateDirectory(directory);
  updateFile(
    trustPath(directory),
    (old) =>
      JSON.stringify(
        { version: 1, trusted: changed(parse(old, directory)) },
        null,
        2,
      ) + "\n",
  );
}

function parse(
  text: string | undefined,
  directory: string,
): readonly TrustedCa[] {
  if (text === undefined) return [];
  try {
    const { version, trusted } = JSON.parse(text);
    const isPlace = (place: StoreLocation) =>
      typeof place.kind === "string" && typeof place.path === "string";
    const isTrusted = ({ ca, stores }: TrustedCa) =>
      typeof ca === "string" && Array.isArray(stores) && stores.every(isPlace);
    if (
      version === 1 && Array.isArray(trusted) && trusted.every(isTrusted)
    ) return trusted;
  } catch {
    // reported below
  }
  throw new TdauthError(
    "certificate_failed",
    `Cannot read "${trustPath(directory)}": it is damaged`,
    {
      hint:
        `delete it, and every "tdauth local CA" in the browsers' authorities list`,
    },
  );
}

function without(
  stores: readonly StoreLocation[],
  { kind, path }: StoreLocation,
): StoreLocation[] {
  return stores.filter((one) => one.kind !== kind || one.path !== path);
}
