import { readText, updateFile } from "../system/atomic_file.ts";
import { makePrivateDirectory } from "../system/private_path.ts";
import { TdauthError } from "../base/errors.ts";
import { keptCertificate } from "./certificate.ts";
import type { StoreLocation } from "./store.ts";

/** A CA that was put into trust stores, and which. */
export interface TrustedCa {
  /** Its certificate, PEM. */
  readonly ca: string;
  /** The stores. */
  readonly stores: readonly StoreLocation[];
}

/**
 * Names the file that says what was added to which trust store. It outlives the
 * certificate, so that what was added can always be taken out again.
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
 * Notes that a CA is about to be put into a store: before it is, so that one
 * which was interrupted is found again.
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
 * Notes that a CA is no more in a store.
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
 * Says whether browsers were made to trust the certificate that is kept, from
 * what was noted: nothing is run.
 *
 * @param directory The configuration directory.
 * @returns `trusted`; `renewed` when it was its predecessor; else `unknown`.
 */
export function notedTrust(
  directory: string,
): "trusted" | "renewed" | "unknown" {
  try {
    // The system's anchors are not what browsers on Linux go by.
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
    // told below
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
