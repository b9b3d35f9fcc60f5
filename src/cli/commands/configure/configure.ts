import { certificate } from "../../../client/context.ts";
import { TdauthError } from "../../../base/errors.ts";
import { keeperOf } from "../../../client/keeper.ts";
import { checkCallbackUrl } from "../../../login/callback_url.ts";
import { appKeyOf } from "../../../client/configured_provider.ts";
import { providerByName } from "../../../client/selected_provider.ts";
import { PRESETS, suggestedPreset } from "../../../providers/presets.ts";
import { configPath } from "../../../settings/config_file.ts";
import { saveProfile } from "../../../settings/save_profile.ts";
import { appFromDotenv } from "../../../settings/dotenv_trust.ts";
import type { Settings } from "../../../settings/settings.ts";
import type { SealKeySource } from "../../../token/sealed_text.ts";
import {
  SETTING_NAMES,
  type SettingName,
  settingRow,
} from "../../../settings/setting_table.ts";
import { ask } from "../../terminal/ask.ts";
import { commandSettings } from "../../account/prepare_command.ts";
import type { Command } from "../../grammar/command.ts";
import { hintText, nextCommand } from "../../terminal/hint_text.ts";
import { style, wantsJson, writeJson } from "../../terminal/output.ts";
import type { Style } from "../../terminal/style.ts";
import { sealTokens } from "../../account/seal_tokens.ts";
import { tilde } from "../../terminal/tilde.ts";

/**
 * Asks for missing settings, checks all, and writes the profile.
 *
 * @param command The command.
 * @param seal What to seal the tokens with, if anything.
 */
export async function configure(
  command: Command,
  seal: SealKeySource | undefined,
): Promise<void> {
  const settings = await commandSettings(command);
  if (settings.sources.profile === ".env") {
    throw new TdauthError(
      "invalid_options",
      `Cannot configure: TD_PROFILE in .env names the profile "${settings.profile}", which would be overwritten`,
      {
        hint: {
          text: "specify the profile:",
          command: ["configure", "--profile", "NAME"],
        },
      },
    );
  }
  const saysMore = SETTING_NAMES.some((name) =>
    settingRow(name).inProfile && command.settings[name] !== undefined
  );
  // To seal the tokens of a configured app, nothing else needs asking.
  if (seal !== undefined && appKeyOf(settings) !== undefined && !saysMore) {
    return await sealTokens(command, seal);
  }
  await configureApp(command, settings, seal !== undefined);
  if (seal !== undefined) await sealTokens(command, seal);
}

async function configureApp(
  command: Command,
  settings: Settings,
  seals: boolean,
): Promise<void> {
  const { io } = command;
  const { yellow, green } = style(command, "err");
  const fromDotenv = appFromDotenv(settings.sources);
  if (fromDotenv !== undefined) {
    io.err(
      `${
        yellow("note:")
      } using from .env in the working directory: ${fromDotenv}\n`,
    );
  }
  const keeper = keeperOf(settings);
  if (keeper !== undefined) {
    const { configureFollower } = await import("./configure_follower.ts");
    return await configureFollower(command, settings, keeper);
  }
  const given = io.terminal.in ? await interview(command, settings) : settings;
  const { consumerKey, consumerSecret, callbackUrl } = given;
  const provider = providerByName(given, io.fetch);
  const missing = [
    consumerKey === undefined &&
    "consumer key (--consumer-key or TD_CONSUMER_KEY)",
    callbackUrl === undefined &&
    "callback URL (--callback-url or TD_CALLBACK_URL)",
    provider.preset?.secret === "needed" && consumerSecret === undefined &&
    "consumer secret (TD_CONSUMER_SECRET)",
  ].filter((part) => part !== false);
  if (missing.length > 0 || callbackUrl === undefined) {
    throw new TdauthError(
      "invalid_options",
      `Cannot configure: missing ${missing.join(", ")}`,
      {
        hint: [
          { text: "set it, or run", command: ["configure"] },
          " in a terminal, which prompts for it",
        ],
      },
    );
  }
  const { https, hosts, warnings } = checkCallbackUrl(
    callbackUrl,
    provider.known,
  );
  for (const warning of warnings) {
    io.err(`${yellow("note:")} the callback URL ${callbackUrl}: ${warning}\n`);
  }
  if (https && hosts.length > 0) {
    await certificate({ ...given, configDir: settings.configDir }, io.now);
  }
  saveProfile(settings.configDir, settings.profile, {
    ...given,
    provider: provider.key,
  });
  const path = configPath(settings.configDir);
  if (wantsJson(command)) {
    if (seals) return; // one value, which the sealing writes
    return writeJson(io, {
      profile: settings.profile,
      provider: provider.key,
      callback_url: callbackUrl,
      config: path,
    });
  }
  io.err(
    `${green("Configured")} the profile ${settings.profile} in ${
      tilde(command, path)
    }.\nNext: ${nextCommand(command, ["login"])}\n`,
  );
}

/** Prompts on a terminal; an empty line keeps what is already known. */
async function interview(
  command: Command,
  settings: Settings,
): Promise<Settings> {
  const { io } = command;
  const paint = style(command, "err");
  const said = (name: SettingName) => command.settings[name] !== undefined;
  const suggested = chosenProvider(settings) ?? suggestedPreset().key;
  if (!said("provider")) io.err(brokerLines(paint));
  const answered = said("provider") ? suggested : await ask(io, paint, {
    text: "Broker (one of these, or an issuer's URL)?",
    fallback: suggested,
    problem: (answer) =>
      problemOf(
        command,
        () => void providerByName(ofProvider(command, settings, answer)),
      ),
  });
  const described = ofProvider(command, settings, answered);
  const { key: provider, preset, known } = providerByName(described);
  const consumerKey = said("consumerKey")
    ? settings.consumerKey
    : await ask(io, paint, {
      text: `Consumer key (the app key from ${
        preset?.portal ?? "the developer portal"
      })?`,
      ...(settings.consumerKey !== undefined &&
        { fallback: settings.consumerKey }),
      problem: (answer) =>
        /\s/.test(answer) ? "a key contains no whitespace" : undefined,
    });
  const kept = consumerKey === settings.consumerKey
    ? settings.consumerSecret
    : undefined;
  const consumerSecret = preset?.secret !== "none"
    ? await ask(io, paint, {
      text: `Consumer secret (hidden${
        kept === undefined ? "" : ", leave empty to keep the current one"
      })?`,
      hidden: true,
      optional: preset?.secret !== "needed",
      ...(kept !== undefined && { fallback: kept }),
    })
    : "";
  const callbackUrl = said("callbackUrl")
    ? settings.callbackUrl
    : await ask(io, paint, {
      text: "Callback URL, exactly as registered?",
      fallback: settings.callbackUrl ?? preset?.exampleCallbackUrl ??
        "http://localhost:8080",
      problem: (answer) =>
        problemOf(command, () => void checkCallbackUrl(answer, known)),
    });
  const { consumerSecret: _, ...rest } = described;
  return {
    ...rest,
    configDir: settings.configDir,
    provider,
    ...(consumerKey !== undefined && { consumerKey }),
    ...(consumerSecret !== "" && { consumerSecret }),
    ...(callbackUrl !== undefined && { callbackUrl }),
  };
}

/** The brokers to choose from, with a sentence each. */
function brokerLines({ bold }: Style): string {
  const width = Math.max(...PRESETS.map(({ key }) => key.length));
  return PRESETS.map(({ key, name, about }) =>
    `  ${bold(key.padEnd(width))}  ${name}. ${about}\n`
  ).join("");
}

/** The provider that settings name; one without a name is called after its token endpoint. */
function chosenProvider(settings: Settings): string | undefined {
  const { provider, authorizationEndpoint, tokenEndpoint } = settings;
  return provider === undefined && authorizationEndpoint !== undefined &&
      tokenEndpoint !== undefined
    ? new URL(tokenEndpoint).host
    : provider;
}

/** The settings with another provider, to which only what flags say of it applies. */
function ofProvider(
  command: Command,
  settings: Settings,
  provider: string,
): Settings {
  const same = chosenProvider(settings)?.toLowerCase() ===
    provider.toLowerCase();
  const dropped = same
    ? []
    : SETTING_NAMES.filter((name) =>
      settingRow(name).ofProvider && command.settings[name] === undefined
    );
  return {
    ...settings,
    ...Object.fromEntries(dropped.map((name) => [name, undefined])),
    configDir: settings.configDir,
    provider,
  };
}

function problemOf(
  command: Command,
  check: () => void,
): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    const hint = error instanceof TdauthError && error.hint !== undefined
      ? ` (${hintText(command, error.hint)})`
      : "";
    return `${error instanceof Error ? error.message : error}${hint}`;
  }
}
