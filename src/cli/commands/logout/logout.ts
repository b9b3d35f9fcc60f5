import { shown } from "../../../base/shown.ts";
import { appKeyOf } from "../../../client/configured_provider.ts";
import type { Context, PrepareOptions } from "../../../client/context.ts";
import {
  logout as endLogin,
  type LogoutOutcome,
  type LogoutResult,
} from "../../../client/logout.ts";
import { TdauthError } from "../../../base/errors.ts";
import { readConfig } from "../../../settings/config_file.ts";
import type { Profile } from "../../../settings/setting_values.ts";
import { SETTINGS } from "../../../settings/setting_table.ts";
import {
  readOwnDotenv,
  resolveSettings,
  type SettingsOptions,
} from "../../../settings/settings.ts";
import { hasTokens, issuedBy, type Tokens } from "../../../token/token.ts";
import {
  prepareCommand,
  settingsOptions,
} from "../../account/prepare_command.ts";
import type { Command } from "../../grammar/command.ts";
import { style, wantsJson, writeJson } from "../../terminal/output.ts";
import { formatWhen } from "../../terminal/when.ts";

/** A logout removes stored tokens even where TD_STORE_TOKENS says to store none. */
const ON_DISK = { storeTokens: true };

/** A profile that was logged out of, and what became of its tokens. */
interface Done extends LogoutResult {
  /** The profile's name. */
  readonly profile: string;
}

/** Revokes the tokens if the broker supports it, and empties the cache even if that fails. */
export async function logout(command: Command): Promise<void> {
  const context = await prepareCommand(command, {}, ON_DISK);
  const done = await logoutOne(command, context);
  if (wantsJson(command)) tellDone(command, done ? [done] : []);
}

/** Logs out of every profile; an error in one does not stop the others, and the first one is thrown. */
export async function logoutAll(command: Command): Promise<void> {
  const done: Done[] = [];
  const failures: unknown[] = [];
  const apps = await everyApp(command);
  for (const { profile, context } of apps) {
    try {
      const one = await logoutOne(command, await context());
      if (one) done.push(one);
    } catch (error) {
      failures.push(error);
      if (apps.length === 1) continue;
      const { yellow } = style(command, "err");
      const message = error instanceof Error ? error.message : String(error);
      command.io.err(
        `${yellow("warning:")} profile ${shown(profile)}: ${shown(message)}\n`,
      );
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

/** Prints the profiles, those whose tokens were revoked, and until when the tokens of others stay valid. */
function tellDone({ io }: Command, done: readonly Done[]): void {
  const names = (some: readonly Done[]) => [
    ...new Set(some.map(({ profile }) => profile)),
  ];
  const until = new Map<string, number>();
  for (const { profile, validUntil } of done) {
    if (validUntil === undefined) continue;
    until.set(profile, Math.max(validUntil, until.get(profile) ?? 0));
  }
  writeJson(io, {
    logged_out: names(done),
    revoked: names(done.filter(({ revoked }) => revoked)),
    still_valid: Object.fromEntries(
      [...until].map(([profile, time]) => [
        profile,
        Number.isFinite(time) ? time : null,
      ]),
    ),
  });
}

/** @returns What was done; nothing when there was nothing to log out of. */
async function logoutOne(
  command: Command,
  context: Context,
): Promise<Done | undefined> {
  const tokens = await readable(context);
  const { profile } = context.settings;
  const { green, yellow } = style(command, "err");
  const say = (what: string, more: string) =>
    command.io.err(`${what} (profile ${profile}): ${more}.\n`);
  if (tokens !== undefined && !hasTokens(tokens)) {
    // Emptying an empty cache would create a file.
    command.io.err(`Nothing to log out of (profile ${profile}).\n`);
    return undefined;
  }
  const onlyHere = yellow("Logged out on this machine only");
  let outcome: LogoutOutcome;
  try {
    outcome = await endLogin(context);
  } catch (error) {
    if (hasTokens(await context.cache.load())) throw error;
    say(onlyHere, "the stored tokens are gone");
    throw error;
  }
  const { error, ...result } = outcome;
  const { revoked, validUntil } = result;
  const gone = "the stored tokens are gone";
  const stay = validUntil === undefined
    ? ""
    : ` valid until ${
      Number.isFinite(validUntil)
        ? formatWhen(validUntil)
        : "the broker ends them"
    }`;
  if (error !== undefined) {
    say(onlyHere, stay === "" ? gone : `${gone}, but may stay${stay}`);
    throw error;
  }
  if (tokens !== undefined && !issuedBy(tokens, context.provider.id)) {
    command.io.err(
      `${yellow("note:")} the tokens belonged to ${
        shown(`${tokens.provider}`)
      }: they are deleted here, but not revoked there\n`,
    );
  }
  if (stay === "") {
    say(green("Logged out"), revoked ? `${gone}, and revoked` : gone);
  } else if (revoked) {
    say(
      green("Logged out"),
      `${gone}, and revoked, but for the access token, which may stay${stay}`,
    );
  } else {
    const { name } = context.provider;
    say(
      yellow("Forgotten here"),
      tokens && issuedBy(tokens, context.provider.id)
        ? `${name} cannot revoke the tokens, which stay${stay}`
        : `the tokens stay${stay}`,
    );
  }
  return { profile, ...result };
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
  const config = readConfig(configDir);
  const { profiles } = config;
  const apps = Object.entries(profiles)
    .filter(([, saved]) => appKeyOf(saved) !== undefined)
    .map(([profile, saved]) => ({
      profile,
      context: () =>
        prepareCommand(
          command,
          { profile, provider: undefined },
          ON_DISK,
          { ...savedOnly(options, saved, consumerKey), config },
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
      !(inProfile || name === "consumerSecretFile") ||
        (name.startsWith("consumerSecret") &&
          saved.consumerSecret === undefined &&
          saved.consumerKey?.trim() === named)
        ? []
        : [variable]
    ),
  );
  // It names no app, as its variables do.
  if (hidden.has(SETTINGS.consumerSecretFile.variable)) {
    hidden.add("CREDENTIALS_DIRECTORY");
  }
  return {
    env: (name) => hidden.has(name) ? undefined : env?.(name),
    dotenv: () =>
      Object.fromEntries(
        Object.entries(readOwnDotenv()).filter(([name]) => !hidden.has(name)),
      ),
  };
}
