import { ProfileCache } from "../../../cache/profile_cache.ts";
import { TdauthError } from "../../../base/errors.ts";
import { shown } from "../../../base/shown.ts";
import type { Settings } from "../../../settings/settings.ts";
import { everyApp } from "../../account/every_app.ts";
import { prepareCommand } from "../../account/prepare_command.ts";
import type { Command } from "../../grammar/command.ts";
import { style } from "../../terminal/output.ts";

/**
 * Checks that the profiles of a service are there, and can be opened where no
 * person is: it has neither a terminal for a passphrase nor this shell's variables.
 *
 * @param command The command; it notes what the service does not have.
 * @param settings Its settings.
 * @throws {TdauthError} `invalid_options` when there is no profile, or when one is sealed by a passphrase.
 */
export async function checkSeals(
  command: Command,
  { profile, profiles, sources }: Settings,
): Promise<void> {
  const chosen = sources.profile === "flag";
  if (profiles.length === 0 || chosen && !profiles.includes(profile)) {
    throw new TdauthError(
      "invalid_options",
      `Cannot install tdauth serve: ${
        chosen ? `there is no profile "${profile}"` : "there is no profile"
      } in config.json, and a service does not have this shell's variables`,
      { hint: { text: "make it:", command: ["configure"] } },
    );
  }
  const where = { readOnly: true };
  const apps = chosen
    ? [{ profile, context: () => prepareCommand(command, {}, {}, where) }]
    : await everyApp(command, {}, where);
  for (const { profile, context } of apps) {
    const { settings, cache: { store } } = await context();
    const stored = store instanceof ProfileCache
      ? await store.sealedBy()
      : undefined;
    const seals = [settings.seal, stored];
    if (seals.includes("passphrase")) {
      const error = new TdauthError(
        "invalid_options",
        `Cannot install tdauth serve: the tokens of the profile ${profile} are sealed by a passphrase, and no one is there to type it`,
        {
          hint: {
            text: "seal them by the keychain:",
            command: ["configure", "--seal", "keychain"],
          },
        },
      );
      TdauthError.nameProfile(error, profile);
      throw error;
    }
    if (seals.includes("key")) {
      command.io.err(
        `${style(command, "err").yellow("note:")} the tokens of the profile ${
          shown(profile)
        } are sealed by the key in TD_CACHE_KEY, which the service does not have yet: give it to it, such as with EnvironmentFile= in a file that only you can read\n`,
      );
    }
  }
}
