import type { Context, PrepareOptions } from "../../../client/context.ts";
import { authorizationOf } from "../../../client/authorize.ts";
import { TdauthError } from "../../../base/errors.ts";
import { readConfig } from "../../../settings/config_file.ts";
import type { Profile } from "../../../settings/setting_values.ts";
import { readDotenv } from "../../../settings/dotenv.ts";
import { SETTINGS } from "../../../settings/setting_table.ts";
import {
  resolveSettings,
  type SettingsOptions,
} from "../../../settings/settings.ts";
import { issuedBy, noTokens, type Tokens } from "../../../token/token.ts";
import {
  prepareCommand,
  settingsOptions,
} from "../../account/prepare_command.ts";
import type { Command } from "../../grammar/command.ts";
import { style, wantsJson, writeJson } from "../../terminal/output.ts";

/** A logout removes stored tokens even where TD_STORE_TOKENS says to store none. */
const ON_DISK = { storeTokens: true };

/** Revokes the tokens if the broker supports it, and empties the cache even if that fails. */
export async function logout(command: Command): Promise<void> {
  const context = await prepareCommand(command, {}, ON_DISK);
  const done = await logoutOne(command, context);
  if (wantsJson(command)) {
    tellDone(command, done ? [context.settings.profile] : []);
  }
}

/** Logs out of every profile; an error in one does not stop the others, and the first one is thrown. */
export async function logoutAll(command: Command): Promise<void> {
  const done: string[] = [];
  const failures: unknown[] = [];
  const apps = await everyApp(command);
  for (const { profile, context } of apps) {
    try {
      const left = await logoutOne(command, await context());
      if (left && !done.includes(profile)) done.push(profile);
    } catch (error) {
      failures.push(error);
      if (apps.length === 1) continue;
      const { yellow } = style(command, "err");
      const message = error instanceof Error ? error.message : String(error);
      command.io.err(`${yellow("warning:")} profile ${profile}: ${message}\n`);
    }
  }
  if (failures.length > 0) throw failures[0];
  if (apps.length === 0) {
    command.io.err(
      "Nothing to log out of (no profile has an app).\n",
    );
  }
  if (wantsJson(command)) tellDone(command, done);
}

function tellDone({ io }: Command, profiles: readonly string[]): void {
  writeJson(io, { logged_out: profiles });
}

/** @returns Whether there was something to log out of. */
async function logoutOne(
  command: Command,
  context: Context,
): Promise<boolean> {
  const tokens = await readable(context);
  const empty = tokens !== undefined &&
    tokens.refreshToken.token === undefined &&
    tokens.accessToken.token === undefined;
  const { profile } = context.settings;
  const { green, yellow } = style(command, "err");
  if (empty) {
    // Emptying an empty cache would create a file.
    command.io.err(`Nothing to log out of (profile ${profile}).\n`);
    return false;
  }
  try {
    await authorizationOf(context, tokens ?? noTokens()).logout();
  } catch (error) {
    const left = await context.cache.load();
    if (left.refreshToken.token ?? left.accessToken.token) throw error;
    command.io.err(
      `${
        yellow("Logged out on this machine only")
      } (profile ${profile}): the stored tokens are gone.\n`,
    );
    throw error;
  }
  if (tokens !== undefined && !issuedBy(tokens, context.provider.id)) {
    command.io.err(
      `${
        yellow("note:")
      } the tokens belonged to ${tokens.provider}: they are deleted here, but not revoked there\n`,
    );
  }
  command.io.err(
    `${
      green("Logged out")
    } (profile ${profile}): the stored tokens are gone.\n`,
  );
  return true;
}

/** The tokens; nothing if they are sealed and there is no key: they cannot be revoked, but are deleted. */
async function readable({ cache }: Context): Promise<Tokens | undefined> {
  try {
    return await cache.load();
  } catch (error) {
    if (error instanceof TdauthError && error.code === "cache_sealed") {
      return undefined;
    }
    throw error;
  }
}

/** An app to log out of. */
interface AppOfProfile {
  /** The profile's name. */
  readonly profile: string;
  /** Finds what its logout needs; rejects when a setting is wrong. */
  readonly context: () => Promise<Context>;
}

/** The app of every profile, and that of `tdauth logout` without `--all`, if it is another. */
async function everyApp(
  command: Command,
): Promise<AppOfProfile[]> {
  const options = settingsOptions(command);
  const { configDir, profile: present, consumerKey } = await resolveSettings(
    options,
  );
  const { profiles } = readConfig(configDir);
  const apps = Object.entries(profiles)
    .filter(([, { consumerKey }]) => consumerKey !== undefined)
    .map(([profile, saved]) => ({
      profile,
      context: () =>
        prepareCommand(
          command,
          { profile, provider: undefined },
          ON_DISK,
          savedOnly(options, saved, consumerKey),
        ),
    }));
  const saved = Object.hasOwn(profiles, present) ? profiles[present] : {};
  const isOther = consumerKey !== undefined &&
    consumerKey !== saved?.consumerKey?.trim();
  return isOther
    ? [...apps, {
      profile: present,
      context: () => prepareCommand(command, {}, ON_DISK),
    }]
    : apps;
}

/**
 * Ignores what the environment and `.env` say about an app: it is not every
 * profile's. A secret that is only there belongs to the app that they name.
 */
function savedOnly(
  { env }: SettingsOptions,
  saved: Profile,
  named: string | undefined,
): PrepareOptions {
  const hidden = new Set<string>(
    Object.entries(SETTINGS).flatMap(([name, { variable, inProfile }]) =>
      !inProfile ||
        (name === "consumerSecret" && saved.consumerSecret === undefined &&
          saved.consumerKey?.trim() === named)
        ? []
        : [variable]
    ),
  );
  return {
    env: (name) => hidden.has(name) ? undefined : env?.(name),
    dotenv: async () =>
      Object.fromEntries(
        Object.entries(await readDotenv()).filter(([name]) =>
          !hidden.has(name)
        ),
      ),
  };
}
