import { tokenFileName } from "../../system/config_dir.ts";
import type { Env } from "../../system/environment.ts";
import { reason } from "../../system/system_error.ts";
import type { Provider } from "../../providers/provider.ts";
import {
  providerByName,
  type SelectedProvider,
} from "../../client/selected_provider.ts";
import { type ReadDotenv, readDotenv } from "../../settings/dotenv.ts";
import { resolveSettings, type Settings } from "../../settings/settings.ts";
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
  const dotenv = readDotenv((cause) => {
    unread = reason(cause);
  });
  const common = {
    command,
    env,
    variables,
    dotenv,
    ...(unread !== undefined && { unread }),
    now: now() / 1000,
    offline,
  };
  const none = () => Promise.resolve(undefined);
  let settings: Settings;
  const again: ReadDotenv = () => Promise.resolve(dotenv);
  try {
    settings = await resolveSettings({
      ...settingsOptions(command),
      dotenv: again,
    });
  } catch (trouble) {
    return {
      ...common,
      trouble,
      provider: none,
      stored: () => Promise.resolve({ findings: [] }),
    };
  }
  const { consumerKey, profile, storeTokens } = settings;
  const path = consumerKey !== undefined && storeTokens && {
    tokenPath: `${settings.configDir}/${tokenFileName(consumerKey, profile)}`,
  };
  let stored: Promise<Stored> | undefined;
  const kept = {
    ...path,
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
      settings,
      named,
      provider: offline && named.known === undefined
        ? none
        : () => found ??= named.get(),
    };
  } catch (trouble) {
    return { ...common, ...kept, settings, trouble, provider: none };
  }
}
