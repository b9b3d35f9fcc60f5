import { appKeyOf } from "../../client/configured_provider.ts";
import { tokenFileName } from "../../system/config_dir.ts";
import type { Env } from "../../system/environment.ts";
import { reason } from "../../system/system_error.ts";
import type { Provider } from "../../providers/provider.ts";
import {
  providerByName,
  type SelectedProvider,
} from "../../client/selected_provider.ts";
import type { Dotenv } from "../../settings/dotenv.ts";
import {
  readOwnDotenv,
  resolveSettings,
  type Settings,
} from "../../settings/settings.ts";
import { settingsOptions } from "../account/prepare_command.ts";
import type { Command } from "../grammar/command.ts";
import { readStored, type Stored } from "./stored.ts";

/** How long an issuer's metadata may take, in milliseconds. */
const DISCOVERY_LIMIT = 5_000;

/** What the checks look at; gathering it creates and changes nothing. */
export interface Facts {
  /** The command. */
  readonly command: Command;
  /** The environment. */
  readonly env: Env;
  /** The names of the environment's variables. */
  readonly variables: readonly string[];
  /** The `TD_…` variables of `.env`. */
  readonly dotenv: Readonly<Record<string, string>>;
  /** Why `.env` is there and could not be read. */
  readonly unread?: string;
  /** Seconds since the epoch. */
  readonly now: number;
  /** The settings; absent when they cannot be used, for the reason in `trouble`. */
  readonly settings?: Settings;
  /** The provider that they name; absent when there is none of that name. */
  readonly named?: SelectedProvider;
  /** Why settings or provider are absent. */
  readonly trouble?: unknown;
  /** Returns the provider, which takes requests for an issuer; nothing offline. */
  readonly provider: () => Promise<Provider | undefined>;
  /** Returns the stored tokens, which several checks look at. */
  readonly stored: () => Promise<Stored>;
  /** Where the tokens are kept; absent when no app key is set, or they are kept in memory. */
  readonly tokenPath?: string;
  /** Whether to skip the checks that need a network. */
  readonly offline: boolean;
}

/**
 * Finds the settings as every command does, without creating the directory and
 * the token file.
 *
 * @param command The command.
 * @param variables The names of the environment's variables.
 * @param offline Whether to skip the checks that need a network.
 * @returns What the checks look at.
 */
export async function gatherFacts(
  command: Command,
  variables: readonly string[],
  offline: boolean,
): Promise<Facts> {
  const { env, now, fetch } = command.io;
  let unread: string | undefined;
  const onUnreadable = (cause: unknown) => {
    unread = reason(cause);
  };
  const common = {
    command,
    env,
    variables,
    now: now() / 1000,
    offline,
  };
  const none = () => Promise.resolve(undefined);
  let settings: Settings;
  let dotenv: Dotenv = {};
  try {
    dotenv = readOwnDotenv(onUnreadable);
    settings = await resolveSettings({
      ...settingsOptions(command),
      dotenv: () => dotenv,
    });
  } catch (trouble) {
    return {
      ...common,
      dotenv,
      ...(unread !== undefined && { unread }),
      trouble,
      provider: none,
      stored: () => Promise.resolve({ findings: [] }),
    };
  }
  const { profile, storeTokens } = settings;
  const consumerKey = appKeyOf(settings);
  const path = consumerKey !== undefined && storeTokens && {
    tokenPath: `${settings.tokenDir}/${tokenFileName(consumerKey, profile)}`,
  };
  let stored: Promise<Stored> | undefined;
  const kept = {
    ...path,
    ...(unread !== undefined && { unread }),
    stored: () => stored ??= readStored({ ...path, settings, env, clock: now }),
  };
  try {
    const limit = AbortSignal.timeout(DISCOVERY_LIMIT);
    const named = providerByName(settings, (url, init) =>
      fetch(url, {
        ...init,
        signal: AbortSignal.any([
          limit,
          ...(init?.signal ? [init.signal] : []),
        ]),
      }));
    let found: Promise<Provider> | undefined;
    return {
      ...common,
      ...kept,
      dotenv,
      settings,
      named,
      provider: offline && named.known === undefined
        ? none
        : () => found ??= named.get(),
    };
  } catch (trouble) {
    return { ...common, ...kept, dotenv, settings, trouble, provider: none };
  }
}
