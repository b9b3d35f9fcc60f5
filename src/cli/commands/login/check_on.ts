import { TdauthError } from "../../../base/errors.ts";
import {
  SETTING_NAMES,
  type SettingName,
  settingRow,
} from "../../../settings/setting_table.ts";
import type { Command } from "../../grammar/command.ts";
import type { LoginFlags } from "./flags.ts";

/** The settings that a login on another machine has a use for here: whose page may be shown, and the callback server's certificate. */
const HERE: readonly SettingName[] = [
  "provider",
  "sandbox",
  "authorizationEndpoint",
  "certFile",
  "keyFile",
  "profile",
  "configDir",
];

/**
 * Refuses flags of settings that are the other machine's.
 *
 * @param command A login with `--on`.
 * @throws {TdauthError} `invalid_options`.
 */
export function checkOn({ settings }: Command<LoginFlags>): void {
  const other = SETTING_NAMES.find((name) =>
    settings[name] !== undefined && !HERE.includes(name)
  );
  if (other === undefined) return;
  const { flag } = settingRow(other);
  throw new TdauthError(
    "invalid_options",
    `Cannot log in: ${flag} has no effect with --on`,
    { hint: `leave out ${flag}; the settings are the other machine's` },
  );
}
