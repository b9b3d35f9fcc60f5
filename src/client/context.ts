import type { AuthorizeOptions } from "./authorize_options.ts";
import { modulesCommand } from "../base/called.ts";
import { DiskCache } from "../cache/disk_cache.ts";
import { MemCache } from "../cache/mem_cache.ts";
import { StoredTokens } from "../cache/stored_tokens.ts";
import type { TokenCache } from "../cache/token_cache.ts";
import { tokenFileName } from "../system/config_dir.ts";
import { TdauthError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { stderrLog } from "../system/stderr_log.ts";
import {
  logEvents,
  noBrowserHere,
  oneOpens,
  openInBrowser,
} from "./login_defaults.ts";
import type { LoginEvent } from "../login/login_event.ts";
import type { App } from "../oauth/client.ts";
import { ProfileCache } from "../cache/profile_cache.ts";
import { appKeyOf } from "./configured_provider.ts";
import {
  givenProvider,
  providerByName,
  type SelectedProvider,
} from "./selected_provider.ts";
import type { SealKeysOptions } from "../seal/seal_keys.ts";
import { readConfig } from "../settings/config_file.ts";
import { dotenvNote } from "../settings/dotenv_trust.ts";
import { SETTING_NAMES } from "../settings/setting_table.ts";
import { settingText } from "../settings/setting_values.ts";
import {
  resolveSettings,
  type Settings,
  type SettingsOptions,
  type SettingTexts,
} from "../settings/settings.ts";
import { invalidNumber } from "../base/invalid_number.ts";

/** How long the user has for a login, in seconds. */
const LOGIN_TIMEOUT = 300;

/**
 * Everything that an authorization works with, put together once from options and
 * settings: every default is applied, and nothing below knows of either.
 */
export interface Context {
  /** The settings, as found. */
  readonly settings: Settings;
  /** The provider. */
  readonly provider: SelectedProvider;
  /** The app. */
  readonly app: App;
  /** Where its tokens are. */
  readonly cache: StoredTokens;
  /** Takes messages. */
  readonly log: Log;
  /** An access token with less than this many seconds left is refreshed; if unset, its life decides. */
  readonly minValid?: number;
  /** How long the user has for a login, in seconds. */
  readonly loginTimeout: number;
  /** Whether a login may be started; if unset, where a person could see it. */
  readonly interactive?: boolean;
  /** Whether to log in with a code on another device; if unset, where no browser can be opened. */
  readonly device?: boolean;
  /** Returns why no browser can be opened here; `undefined` if one can. */
  readonly noBrowser: () => Promise<string | undefined>;
  /** Shows the broker's page to the user. */
  readonly openUrl: (url: string) => void | Promise<void>;
  /** Redirect URLs that the user pastes, one a line. */
  readonly pastedUrls?: AsyncIterable<string>;
  /** Hears of a login's progress. */
  readonly onEvent: (event: LoginEvent) => void;
  /** The `fetch` for all requests. */
  readonly fetch: typeof fetch;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Ends the requests, the waiting and the login. */
  readonly signal?: AbortSignal;
  /** Waits for so many milliseconds. @default {a timer} */
  readonly sleep?: (
    milliseconds: number,
    signal?: AbortSignal,
  ) => Promise<void>;
  /** The words that tdauth is called by, for hints. */
  readonly called: () => readonly string[];
}

/** Where to look for settings, and how to prompt for the key of sealed tokens. */
export type PrepareOptions =
  & SettingsOptions
  & Pick<SealKeysOptions, "askPassphrase" | "passphraseUsed">
  & {
    /** Whether stored tokens are only read: nothing on disk changes. @default {false} */
    readonly readOnly?: boolean;
    /** What this process was called by, for others that wait for it. @default {the name of the script} */
    readonly command?: string;
    /** The words that tdauth is called by, for hints. @default {what runs this module's command} */
    readonly called?: () => readonly string[];
  };

/** The in-memory caches of this program, by app: a second `authorize()` finds what the first one got. */
const memory = new Map<string, MemCache>();

/**
 * Finds the settings, the provider, the app and the cache; sends nothing.
 *
 * @param options The options.
 * @param where Where to look for settings, and how to prompt for a passphrase.
 * @returns The context.
 * @throws {TdauthError} `invalid_options` when a setting or a number is wrong, or no app key is set.
 */
export async function prepare(
  options: AuthorizeOptions,
  where: PrepareOptions = {},
): Promise<Context> {
  const { provider: given } = options;
  const { minValid, loginTimeout = LOGIN_TIMEOUT } = options;
  checkSeconds({ minValid, loginTimeout });
  const settings = await resolveSettings({
    ...where,
    ownCache: options.cache !== undefined,
    given: { ...where.given, ...texts(options) },
  });
  const log = options.log ?? stderrLog(settings.logLevel);
  const note = dotenvNote(settings);
  // A log level may come from .env as well: it does not silence this.
  if (note !== undefined) {
    (options.log ?? stderrLog("warning"))("warning", note);
  }
  const { consumerSecret } = settings;
  const consumerKey = appKeyOf(settings);
  if (consumerKey === undefined) {
    const { profile, profiles } = settings;
    if (profile !== "default" && !profiles.includes(profile)) {
      throw new TdauthError(
        "invalid_options",
        `Cannot authorize: there is no profile "${profile}" (there is ${
          profiles.join(", ") || "none"
        })`,
        {
          hint: {
            text: "make it:",
            command: ["configure", "--profile", profile],
          },
        },
      );
    }
    throw new TdauthError(
      "invalid_options",
      "Cannot authorize: not set up yet (no app key)",
      {
        hint: [
          { text: "run", command: ["configure"] },
          ", or set TD_CONSUMER_KEY (the app key of the developer portal)",
        ],
      },
    );
  }
  const provider = typeof given === "object"
    ? givenProvider(given, settings)
    : providerByName(settings, options.fetch);
  const { now = Date.now, pastedUrls, signal } = options;
  const { device, openUrl } = options;
  // A caller with a way of its own to reach a person needs neither terminal nor screen.
  const reachesPerson = openUrl ?? pastedUrls ?? options.onEvent ??
    (device || undefined);
  const interactive = options.interactive ??
    (reachesPerson === undefined ? undefined : true);
  const app = {
    consumerKey,
    ...(consumerSecret !== undefined && { consumerSecret }),
  };
  return {
    settings,
    provider,
    app,
    cache: new StoredTokens(
      options.cache ?? cacheOf(settings, provider, app, where, now),
      { now },
    ),
    log,
    ...(minValid !== undefined && { minValid }),
    loginTimeout,
    ...(interactive !== undefined && { interactive }),
    ...(device !== undefined && { device }),
    noBrowser: openUrl === undefined ? noBrowserHere : oneOpens,
    openUrl: openUrl ?? openInBrowser,
    ...(pastedUrls && { pastedUrls }),
    onEvent: options.onEvent ?? logEvents(log),
    fetch: options.fetch ?? fetch,
    now,
    ...(signal && { signal }),
    called: where.called ?? modulesCommand,
  };
}

/** Rejects numbers with which a token would never be fresh enough, or a timer would never or immediately fire. */
function checkSeconds(
  seconds: Readonly<Record<"minValid" | "loginTimeout", number | undefined>>,
): void {
  const wrong = invalidNumber(seconds);
  if (wrong === undefined) return;
  throw new TdauthError(
    "invalid_options",
    `Cannot authorize: ${wrong.name} is ${wrong.is}`,
    { hint: "give it in seconds, or leave it out" },
  );
}

/** The options that are settings, as texts; a provider of the caller's own is none. */
function texts(options: AuthorizeOptions): SettingTexts {
  return Object.fromEntries(
    SETTING_NAMES.flatMap((name): readonly (readonly [string, string])[] => {
      if (name === "provider") {
        const { provider } = options;
        return typeof provider === "string" ? [[name, provider]] : [];
      }
      const value = options[name];
      return value === undefined ? [] : [[name, settingText(value)]];
    }),
  );
}

function cacheOf(
  settings: Settings,
  provider: SelectedProvider,
  app: App,
  where: PrepareOptions,
  now: () => number,
): TokenCache {
  if (settings.storeTokens) {
    const name = tokenFileName(app.consumerKey, settings.profile);
    const { command, env, askPassphrase, passphraseUsed } = where;
    const disk = new DiskCache(settings.tokenDir, name, {
      now,
      open: where.readOnly ? "look" : "protect",
      consumerKey: app.consumerKey,
      ...(command !== undefined && { command }),
    });
    return new ProfileCache(disk, {
      ...(env && { env }),
      ...(askPassphrase && { askPassphrase }),
      ...(passphraseUsed && { passphraseUsed }),
      // What is done with every profile reads the settings once.
      wanted: () =>
        where.config === undefined ? sealNow(settings) : settings.seal,
    });
  }
  const key = JSON.stringify([
    settings.profile,
    provider.id,
    settings.sandbox,
    app.consumerKey,
  ]);
  let cache = memory.get(key);
  if (cache === undefined) memory.set(key, cache = new MemCache());
  return cache;
}

/** Whether to seal tokens: the setting may have changed since this program started. */
function sealNow({ configDir, profile, seal }: Settings): Settings["seal"] {
  try {
    const { profiles } = readConfig(configDir);
    return Object.hasOwn(profiles, profile) ? profiles[profile]?.seal : seal;
  } catch {
    return seal;
  }
}

/**
 * Returns the certificate for an https callback URL: the user's own, or the stored one, generated on first use.
 *
 * @param settings The settings.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The certificate and its key, PEM.
 * @throws {TdauthError} `certificate_failed`, or `invalid_options` when half of the user's own is missing.
 */
export async function certificate(
  settings: Settings,
  now: () => number,
): Promise<{ cert: string; key: string }> {
  const { callbackCertificate, readCertificate } = await import(
    "../certificate/certificate.ts"
  );
  const { certFile, keyFile } = settings;
  if (certFile !== undefined && keyFile !== undefined) {
    return await readCertificate(certFile, keyFile);
  }
  if (certFile !== undefined || keyFile !== undefined) {
    throw new TdauthError(
      "invalid_options",
      "Cannot use your own certificate: both certFile and keyFile are required",
      {
        hint: "set both TD_CERT_FILE and TD_KEY_FILE, or neither",
      },
    );
  }
  return await callbackCertificate(settings.configDir, { now });
}
