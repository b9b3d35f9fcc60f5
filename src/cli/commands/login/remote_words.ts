import type { Command } from "../../grammar/command.ts";
import type { Settings } from "../../../settings/settings.ts";
import type { LoginFlags } from "./flags.ts";

/**
 * Returns the words that start a login on the other machine. No secret is among
 * them: every user of both machines can see them.
 *
 * @param command The command here.
 * @param settings Its settings.
 * @returns The words.
 */
export function remoteWords(
  { flags, settings: given, io }: Command<LoginFlags>,
  { remoteCommand, profile }: Settings,
): string[] {
  const { timeout, force, ifOlder } = flags;
  // A profile that is not named here is the other machine's own choice.
  const named = given.profile ?? io.env("TD_PROFILE");
  return [
    ...remoteCommand.split(/\s+/).filter((word) => word !== ""),
    "login",
    "--remote",
    ...(named === undefined ? [] : ["--profile", profile]),
    "--timeout",
    `${timeout}s`,
    ...(force ? ["--force"] : []),
    ...(ifOlder === undefined ? [] : ["--if-older", `${ifOlder}s`]),
  ];
}
