import { TdauthError } from "../../base/errors.ts";
import type { Context } from "../../client/context.ts";
import { appFromDotenv } from "../../settings/dotenv_trust.ts";
import { readConfig } from "../../settings/config_file.ts";
import { saveProfile } from "../../settings/save_profile.ts";
import type { Command } from "../grammar/command.ts";
import { style } from "../terminal/output.ts";
import { nextCommand } from "../terminal/hint_text.ts";

/**
 * Saves an app's settings, so that `tdauth token` needs no flags. An app that
 * is configured already is not replaced, and what `.env` says holds only in its
 * folder: it may be a stranger's.
 *
 * @param command The command, which notes what is not saved.
 * @param context What to save.
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
      } not saved, because it is from .env: ${fromDotenv} (to save it, run ${
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
      } the profile ${settings.profile} belongs to another app; ` +
        `these settings are not saved (use a separate profile: --profile NAME)\n`,
    );
  }
  try {
    saveProfile(settings.configDir, settings.profile, {
      ...settings,
      ...app,
      provider: provider.key,
    });
  } catch (error) {
    // The tokens are stored: a mounted config.json may be read-only.
    if (!(error instanceof TdauthError)) throw error;
    command.io.err(
      `${yellow("note:")} these settings are not saved: ${error.message}\n`,
    );
  }
}
