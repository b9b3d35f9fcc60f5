import type { Context } from "../../client/context.ts";
import { directoryOf } from "../../system/atomic_file.ts";
import { targetOf } from "../../system/link_target.ts";
import { TdauthError } from "../../base/errors.ts";
import { ProfileCache } from "../../cache/profile_cache.ts";
import { waitingFor } from "../../cache/with_lock_timeout.ts";
import { SEALED_BY } from "../../seal/sealed_by.ts";
import type { SealKeySource } from "../../token/sealed_text.ts";
import { configPath } from "../../settings/config_file.ts";
import { saveSeal } from "../../settings/save_profile.ts";
import { entriesOf, removeFile } from "../../system/files.ts";
import { prepareCommand } from "./prepare_command.ts";
import type { Command } from "../grammar/command.ts";
import { style, wantsJson, writeJson } from "../terminal/output.ts";

/** How long to wait for a refresh or a login in progress, in seconds. */
const LOCK_TIMEOUT = 60;

/** Encrypts a profile's tokens from now on, including the stored ones. */
export async function sealTokens(
  command: Command,
  to: SealKeySource,
): Promise<void> {
  const context = await prepareCommand(command);
  const { changed, removed } = await reseal(context, to);
  if (wantsJson(command)) return writeJson(command.io, answer(context, to));
  const { green } = style(command, "err");
  const { profile } = context.settings;
  command.io.err(
    !changed
      ? `The tokens of the profile ${profile} are sealed by ${
        SEALED_BY[to]
      } already.\n`
      : `${
        green("Sealed.")
      } The tokens of the profile ${profile} can be read only with ${
        WITH[to]
      }.\n`,
  );
  for (const name of removed) {
    command.io.err(`Removed ${name}, a damaged, unencrypted copy.\n`);
  }
}

const WITH: Readonly<Record<SealKeySource, string>> = {
  keychain: "the key in your keychain",
  passphrase: "the passphrase",
  key: "the key in TD_CACHE_KEY",
};

/** Stores a profile's tokens unencrypted again, in a file that only its owner can read. */
export async function unsealTokens(command: Command): Promise<void> {
  const context = await prepareCommand(command);
  const { changed } = await reseal(context, undefined);
  if (wantsJson(command)) {
    return writeJson(command.io, answer(context, undefined));
  }
  const { green } = style(command, "err");
  const { profile } = context.settings;
  command.io.err(
    !changed
      ? `The tokens of the profile ${profile} are not sealed.\n`
      : `${
        green("Unsealed.")
      } The tokens of the profile ${profile} are unencrypted, in a file that only you can read.\n`,
  );
}

function answer(
  { settings }: Context,
  seal: SealKeySource | undefined,
): Record<string, unknown> {
  return {
    profile: settings.profile,
    seal: seal ?? null,
    config: configPath(settings.configDir),
  };
}

async function reseal(
  { cache, log, settings }: Context,
  to: SealKeySource | undefined,
): Promise<{ changed: boolean; removed: string[] }> {
  const { store } = cache;
  if (!(store instanceof ProfileCache)) {
    throw new TdauthError(
      "invalid_options",
      "Cannot seal the tokens: TD_STORE_TOKENS is False, so no tokens are stored",
      { hint: "override it for this command: TD_STORE_TOKENS=True" },
    );
  }
  const changed = await store.reseal(
    to,
    () => saveSeal(settings.configDir, settings.profile, to),
    {
      timeout: LOCK_TIMEOUT,
      onWait: (who) => log("warning", waitingFor(who)),
    },
  );
  return { changed, removed: to === undefined ? [] : removeCopies(store.path) };
}

/** Removes the damaged files that were set aside: a token may be whole in them. */
function removeCopies(path: string): string[] {
  // They are beside the file that a link leads to.
  return [...new Set([path, targetOf(path)])].flatMap((path) => {
    const directory = directoryOf(path);
    const start = `${path.slice(directory.length + 1)}.corrupt-`;
    const names = [...entriesOf(directory)].map(({ name }) => name)
      .filter((name) => name.startsWith(start));
    for (const name of names) removeFile(`${directory}/${name}`);
    return names;
  });
}
