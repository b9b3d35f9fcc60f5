import type { Settings } from "../../settings/settings.ts";
import { untrustAll } from "../../certificate/trust.ts";
import { readTrust } from "../../certificate/trust_record.ts";
import type { Command } from "../grammar/command.ts";
import { style, wantsJson, writeJson } from "../terminal/output.ts";
import { nextCommand } from "../terminal/hint_text.ts";
import {
  certSettings,
  confirmed,
  localAuthority,
  printRemovals,
  storeJson,
  throwFirst,
  trustContext,
} from "./local.ts";
import { trustLocally } from "./trust_locally.ts";

/**
 * Generates a new CA and certificate, after removing the old CA from the trust stores.
 *
 * @param command The command.
 * @param yes Whether the user has agreed to trust the new one.
 */
export async function renewCertificate(
  command: Command,
  yes: boolean,
): Promise<void> {
  const { io } = command;
  const settings = await certSettings(command, "renew");
  const trusted = isTrusted(settings);
  // A machine without trust stores can have a new certificate, too.
  const around = trusted ? trustContext(command) : undefined;
  const removed = around ? await untrustAll(settings.configDir, around) : [];
  // Leftovers of the old CA, whose key no longer exists, do not prevent a new one.
  const left = printRemovals(command, removed);
  const authority = await localAuthority(command, settings, true);
  const { green, yellow } = style(command, "err");
  io.err(`${green("Renewed.")} The new CA is ${authority.name}.\n`);
  let told: Record<string, unknown> = {
    authority: authority.name,
    fingerprint_sha256: authority.sha256,
    trusted_in: [],
    removed: removed.filter((one) => one.removed)
      .map((one) => ({ ...storeJson(one), authority: one.authority.name })),
    run_as_root: null,
  };
  const again = around !== undefined && (yes || io.terminal.in) &&
    await confirmed(command, "Trust the new one, too?", yes, "trust it");
  if (again) {
    const { removed: _, ...more } = await trustLocally(
      command,
      settings,
      around,
      authority,
      { yes: true, system: false },
    );
    told = { ...told, ...more };
  } else if (trusted) {
    io.err(
      `${yellow("note:")} run ${
        nextCommand(command, ["cert", "trust"])
      } to trust the new one\n`,
    );
  }
  throwFirst(command, left);
  if (wantsJson(command)) writeJson(io, told);
}

function isTrusted({ configDir }: Settings): boolean {
  return readTrust(configDir).length > 0;
}
