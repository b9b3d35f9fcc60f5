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
 * Makes a new CA and certificate; the old CA is taken out of the trust stores first.
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
  // What is left of the old one, whose key exists no more, does not keep the new one from being made.
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
      } to have the browser trust it again\n`,
    );
  }
  throwFirst(command, left);
  if (wantsJson(command)) writeJson(io, told);
}

function isTrusted({ configDir }: Settings): boolean {
  return readTrust(configDir).length > 0;
}
