import type { Context } from "../../client/context.ts";
import { appFromDotenv } from "../../settings/dotenv_trust.ts";
import { readConfig } from "../../settings/config_file.ts";
import { saveProfile } from "../../settings/save_profile.ts";
import type { Command } from "../grammar/command.ts";
import { style } from "../terminal/output.ts";
import { nextCommand } from "../terminal/hint_text.ts";

/**
 * Keeps an app's settings, so that `tdauth token` needs no flags, whoever calls
 * it. An app that is configured already is not replaced, and what `.env` says
 * holds in its folder alone: it may be a stranger's.
 *
 * @param command The command, which tells the user of that.
 * @param context What is to be kept.
 */
export function remember(
  command: Command,
  { settings, provider, app }: Context,
): void {
  if (!settings.storeTokens) return;
  const { yellow } = style(command, "err");
  const fromDotenv = appFromDotenv(settings.sources);
  if (fromDotenv !== undefined) {
    return command.io.err(
      `${
        yellow("note:")
      } kept in no profile, as .env says it: ${fromDotenv} (to keep it, run ${
        nextCommand(command, ["configure"])
      })\n`,
    );
  }
  const saved = readConfig(settings.configDir).profiles[settings.profile];
  const other = saved?.consumerKey !== undefined &&
    (saved.consumerKey !== app.consumerKey ||
      (saved.provider ?? provider.key) !== provider.key ||
      (saved.sandbox === undefined) !== (settings.sandbox === undefined));
  if (other) {
    return command.io.err(
      `${
        yellow("note:")
      } the profile ${settings.profile} is of another app and stays so; ` +
        `these settings are not kept (--profile NAME keeps them apart)\n`,
    );
  }
  saveProfile(settings.configDir, settings.profile, {
    ...settings,
    ...app,
    provider: provider.key,
  });
}
