import type { Context } from "../context.ts";
import { authorizationOf } from "../authorize.ts";
import { TdauthError } from "../errors.ts";
import { readConfig } from "../settings/config_file.ts";
import { resolveSettings } from "../settings/settings.ts";
import { noTokens, type Tokens } from "../token.ts";
import {
  type Command,
  type GlobalFlags,
  prepareCommand,
  settingsOptions,
  style,
  wantsJson,
  writeJson,
} from "./command_context.ts";

/** Flags of `tdauth logout`. */
export interface LogoutFlags extends GlobalFlags {
  /** `--all` */
  readonly all?: boolean;
}

/** Revokes the tokens where the broker can, and empties the cache even when that fails. */
export async function logoutCommand(
  command: Command<LogoutFlags>,
): Promise<void> {
  const contexts = command.flags.all
    ? await everyProfile(command)
    : [await prepareCommand(command)];
  const failures: unknown[] = [];
  for (const context of contexts) {
    try {
      await logoutOne(command, context);
    } catch (error) {
      failures.push(error);
      if (contexts.length > 1) {
        context.log(
          "warning",
          error instanceof Error ? error.message : String(error),
        );
      }
    }
  }
  if (wantsJson(command) && failures.length === 0) {
    writeJson(command.io, {
      logged_out: contexts.map(({ settings }) => settings.profile),
    });
  }
  if (failures.length > 0) throw failures[0];
}

async function logoutOne(command: Command, context: Context): Promise<void> {
  const tokens = await readable(context);
  const empty = tokens !== undefined &&
    tokens.refreshToken.token === undefined &&
    tokens.accessToken.token === undefined;
  const { profile } = context.settings;
  const { green, yellow } = style(command, "err");
  try {
    await authorizationOf(context, tokens ?? noTokens()).logout();
  } catch (error) {
    const left = await context.cache.load();
    if (left.refreshToken.token ?? left.accessToken.token) throw error;
    command.io.err(
      `${
        yellow("Logged out on this machine alone")
      } (profile ${profile}): the stored tokens are gone.\n`,
    );
    throw error;
  }
  command.io.err(
    empty
      ? `There was nothing to log out of (profile ${profile}).\n`
      : `${
        green("Logged out")
      } (profile ${profile}): the stored tokens are gone.\n`,
  );
}

/** The tokens; nothing where they are sealed and there is no key: they cannot be revoked, and are forgotten all the same. */
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

async function everyProfile(command: Command<LogoutFlags>): Promise<Context[]> {
  const { configDir } = await resolveSettings(settingsOptions(command));
  const contexts: Context[] = [];
  for (
    const [profile, settings] of Object.entries(readConfig(configDir).profiles)
  ) {
    if (settings.consumerKey !== undefined) {
      contexts.push(await prepareCommand(command, { profile }));
    }
  }
  return contexts;
}
