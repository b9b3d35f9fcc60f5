import { TdauthError } from "../base/errors.ts";
import { entriesOf } from "../system/files.ts";
import { keychainStore } from "./keychain_store.ts";
import { hasDatabase, nssStore } from "./nss_store.ts";
import type { RunProgram } from "../system/run_program.ts";
import type { StoreLocation, TrustStore } from "./store.ts";
import { systemStore } from "./system_store.ts";
import { windowsStore } from "./windows_store.ts";

/** The machine whose stores to find. */
export interface TrustContext {
  /** Its system: `linux`, `darwin` or `windows`. */
  readonly os: string;
  /** The user's home directory. */
  readonly home: string;
  /** Where the user's programs keep data, `XDG_DATA_HOME`. @default {~/.local/share} */
  readonly dataHome?: string;
  /** Windows' own directory. */
  readonly systemRoot?: string;
  /** Runs the systems' tools. */
  readonly run: RunProgram;
}

/** Profile directories of Firefox and its relatives on Linux, in the home directory. */
const FIREFOX = [
  ".mozilla/firefox",
  ".config/mozilla/firefox",
  "snap/firefox/common/.mozilla/firefox",
  ".var/app/org.mozilla.firefox/.mozilla/firefox",
  ".var/app/org.mozilla.firefox/config/mozilla/firefox",
  ".librewolf",
];
/** Where a Chromium from a snap or Flatpak stores its database, in its own home directory. */
const PACKED = [".pki/nssdb", ".local/share/pki/nssdb", "data/pki/nssdb"];

/**
 * Finds the trust stores of the user's browsers.
 *
 * @param trustContext The machine.
 * @returns The stores; on Linux, Chromium's is included before Chromium has created it.
 */
export function findStores(trustContext: TrustContext): readonly TrustStore[] {
  const { os, home, dataHome = `${home}/.local/share` } = trustContext;
  const open = (kind: StoreLocation["kind"], path: string) =>
    openStore({ kind, path }, trustContext);
  if (os === "darwin") {
    return [open("keychain", `${home}/Library/Keychains/login.keychain-db`)];
  }
  if (os === "windows") return [open("windows", "Root")];
  const chromium = [`${home}/.pki/nssdb`, `${dataHome}/pki/nssdb`]
    .filter(hasDatabase);
  // Chromium uses the first of the two that exists, else creates the second.
  if (chromium.length === 0) chromium.push(`${home}/.pki/nssdb`);
  const packed = [
    ...subdirectories(`${home}/snap`).map((app) => `${app}/current`),
    ...subdirectories(`${home}/.var/app`),
  ].flatMap((app) => PACKED.map((path) => `${app}/${path}`));
  const firefox = FIREFOX.flatMap((path) => subdirectories(`${home}/${path}`));
  return [...chromium, ...[...packed, ...firefox].filter(hasDatabase)]
    .map((path) => open("nss", path));
}

/**
 * Opens a store by its place.
 *
 * @param place The place.
 * @param trustContext The machine.
 * @returns The store.
 */
export function openStore(
  { kind, path }: StoreLocation,
  { run, systemRoot }: TrustContext,
): TrustStore {
  switch (kind) {
    case "nss":
      return nssStore(path, run);
    case "system":
      return systemStore(path, run);
    case "keychain":
      return keychainStore(path, run);
    case "windows":
      return windowsStore(path, run, systemRoot);
    default:
      throw new TdauthError(
        "certificate_failed",
        `Cannot open a trust store: "${kind}" is an unknown kind of store`,
        { hint: "update tdauth" },
      );
  }
}

function subdirectories(path: string): string[] {
  try {
    return [...entriesOf(path)]
      .filter(({ isFile }) => !isFile) // links to directories count
      .map(({ name }) => `${path}/${name}`).sort();
  } catch {
    return []; // there is no such program
  }
}
