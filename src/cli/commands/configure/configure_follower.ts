import { askKeeper } from "../../../client/ask_keeper.ts";
import type { Keeper } from "../../../client/keeper.ts";
import { keeperError, nonsense } from "../../../client/keeper_answer.ts";
import { providerByName } from "../../../client/selected_provider.ts";
import { configPath } from "../../../settings/config_file.ts";
import { saveProfile } from "../../../settings/save_profile.ts";
import type { Settings } from "../../../settings/settings.ts";
import type { Command } from "../../grammar/command.ts";
import { nextCommand } from "../../terminal/hint_text.ts";
import { style, wantsJson, writeJson } from "../../terminal/output.ts";
import { tilde } from "../../terminal/tilde.ts";

/**
 * Writes the profile of a follower: its keeper says whose account it is, so that
 * there is nothing to ask, and no key or secret of the app is here.
 *
 * @param command The command.
 * @param settings The settings.
 * @param keeper Where the tokens are kept.
 * @throws {TdauthError} Why the keeper cannot be used; nothing is written then.
 */
export async function configureFollower(
  command: Command,
  settings: Settings,
  keeper: Keeper,
): Promise<void> {
  const { io } = command;
  const { green } = style(command, "err");
  const { remoteCommand } = settings;
  const { ok, fields } = await askKeeper(keeper, { about: "status" }, {
    remoteCommand,
    signal: io.signal,
  });
  const { provider, sandbox } = fields;
  if (typeof provider !== "string") {
    throw ok
      ? nonsense(keeper, "it does not say whose account it is")
      : keeperError(keeper, fields);
  }
  const given = {
    ...settings,
    provider: command.settings.provider ?? provider,
    ...(typeof sandbox === "string" && settings.sandbox === undefined &&
      { sandbox }),
  };
  const { key } = providerByName(given);
  saveProfile(settings.configDir, settings.profile, {
    ...given,
    provider: key,
  });
  const path = configPath(settings.configDir);
  if (wantsJson(command)) {
    return writeJson(io, {
      profile: settings.profile,
      provider: key,
      keeper: keeper.name,
      config: path,
    });
  }
  io.err(
    `${green("Configured")} the profile ${settings.profile} in ${
      tilde(command, path)
    }: its access tokens come from ${keeper.name}.\nNext: ${
      nextCommand(command, ["token"])
    }\n`,
  );
}
