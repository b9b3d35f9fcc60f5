import { isWsl } from "../../system/environment.ts";
import { TdauthError } from "../../base/errors.ts";
import type { Settings } from "../../settings/settings.ts";
import type {
  Authority,
  VerifiedAuthority,
} from "../../certificate/authority.ts";
import {
  findStores,
  type TrustContext,
} from "../../certificate/find_stores.ts";
import type { TrustStore } from "../../certificate/store.ts";
import {
  systemAnchor,
  systemCommands,
  systemStore,
} from "../../certificate/system_store.ts";
import { trustIn, untrustAll, writeCa } from "../../certificate/trust.ts";
import { noteTrust, readTrust } from "../../certificate/trust_record.ts";
import type { Command } from "../grammar/command.ts";
import { nextCommand } from "../terminal/hint_text.ts";
import { style } from "../terminal/output.ts";
import {
  confirmed,
  printRemovals,
  storeJson,
  storeLine,
  throwFirst,
} from "./local.ts";
import { shellWord } from "../../base/shell_word.ts";
import { userId } from "../../system/os.ts";

/** The flags of the user. */
export interface TrustOptions {
  /** `--yes`: do not ask for confirmation. */
  readonly yes: boolean;
  /** `--system`: also add it to the system's trust anchors. */
  readonly system: boolean;
}

/**
 * Shows what will be added where, asks for confirmation, removes the old CA and adds this one.
 *
 * @param command The command.
 * @param settings The settings.
 * @param around The machine.
 * @param authority The CA.
 * @param said The flags of the user.
 * @returns What was done, as JSON.
 * @throws {TdauthError} `login_cancelled` when the user does not agree.
 */
export async function trustLocally(
  command: Command,
  { configDir }: Settings,
  around: TrustContext,
  authority: VerifiedAuthority,
  said: TrustOptions,
): Promise<Record<string, unknown>> {
  const { io } = command;
  const { bold, cyan, dim, green, yellow } = style(command, "err");
  const system = said.system ? systemPart(around, authority) : undefined;
  const found = [...findStores(around)];
  if (system !== undefined && isRoot()) found.push(system);
  const { stores, missing, failed } = await lookInto(found, authority);
  if (stores.length === 0) throwFirst(command, failed);
  const old = readTrust(configDir).filter(({ ca }) => ca !== authority.pem);
  if (missing.length > 0 || old.length > 0) {
    if (old.length > 0) {
      io.err("The previous certificate's CA will be removed.\n");
    }
    if (missing.length > 0) {
      io.err(
        `${bold(authority.name)} will be trusted in\n` +
          missing.map((store) => storeLine(command, store)).join("") +
          dim(
            "It is valid only for localhost, 127.0.0.1 and ::1, and its private key\n" +
              `no longer exists. ${
                nextCommand(command, ["cert", "untrust"])
              } undoes this.\n`,
          ),
      );
    }
    const cannot = "trust the certificate";
    if (!await confirmed(command, "Continue?", said.yes, cannot)) {
      throw new TdauthError(
        "login_cancelled",
        "Cannot trust the certificate: not confirmed; nothing was changed",
      );
    }
  }
  const removed = await untrustAll(configDir, around, authority.pem);
  failed.push(...printRemovals(command, removed));
  // Those that have it are noted as well: a record may have been lost.
  const added: TrustStore[] = [];
  for (const store of stores) {
    try {
      if (await trustIn(configDir, authority, store)) added.push(store);
    } catch (error) {
      failed.push(error);
    }
  }
  if (added.length > 0) {
    io.err(`${green("Trusted.")} Restart any open browser.\n`);
  } else if (failed.length === 0) {
    io.err(`${green("Trusted")} already; nothing to do.\n`);
  }
  if (isWsl(io.env)) {
    const file = writeCa(configDir, authority);
    io.err(
      `${yellow("note:")} a Windows browser has its own store: run\n  ${
        cyan(
          `certutil.exe -user -addstore Root "$(wslpath -w ${
            shellWord(file)
          })"`,
        )
      }\n`,
    );
  }
  let byHand: string | undefined;
  if (system !== undefined && !isRoot()) {
    if (await system.look(authority) !== "trusted") {
      byHand = systemCommands(system.path, writeCa(configDir, authority)).add;
      io.err(
        `${yellow("note:")} the system's trust anchors belong to root: run\n  ${
          cyan(byHand)
        }\n`,
      );
    }
    noteTrust(configDir, authority.pem, { kind: "system", path: system.path });
  }
  throwFirst(command, failed);
  return {
    authority: authority.name,
    fingerprint_sha256: authority.sha256,
    trusted_in: stores.map((store) => ({
      ...storeJson(store),
      added: added.includes(store),
    })),
    removed: removed.filter((one) => one.removed)
      .map((one) => ({ ...storeJson(one), authority: one.authority.name })),
    run_as_root: byHand ?? null,
  };
}

/** The stores to add it to; an unreadable store does not stop the others. */
async function lookInto(found: readonly TrustStore[], authority: Authority) {
  const stores: TrustStore[] = [];
  const missing: TrustStore[] = [];
  const failed: unknown[] = [];
  for (const store of found) {
    try {
      if (await store.look(authority) !== "trusted") missing.push(store);
      stores.push(store);
    } catch (error) {
      failed.push(error);
    }
  }
  return { stores, missing, failed };
}

function systemPart(
  { os, run }: TrustContext,
  authority: Authority,
): TrustStore {
  const anchor = os === "linux" ? systemAnchor(authority) : undefined;
  if (anchor !== undefined) return systemStore(anchor, run);
  throw new TdauthError(
    "invalid_options",
    `Cannot use --system: ${
      os === "linux"
        ? "this system's trust anchor directory is unknown"
        : "on this system all your programs use your user trust store"
    }`,
    { hint: "omit it" },
  );
}

function isRoot(): boolean {
  return userId() === 0;
}
