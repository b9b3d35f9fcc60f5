import type { Context } from "../../../client/context.ts";
import { TdauthError } from "../../../base/errors.ts";
import { refuseFollower } from "../../../client/keeper.ts";
import { maskKey } from "../../../login/mask_key.ts";
import {
  bareConsumerKey,
  brokerName,
  presetChoices,
  presetNamed,
} from "../../../providers/presets.ts";
import { readConfig } from "../../../settings/config_file.ts";
import { resolveSettings, type Settings } from "../../../settings/settings.ts";
import { issuedBy } from "../../../token/token.ts";
import type { ParsedTokenFile } from "../../../token_files/parse_token_file.ts";
import {
  prepareCommand,
  settingsOptions,
} from "../../account/prepare_command.ts";
import type { Command } from "../../grammar/command.ts";
import { style } from "../../terminal/output.ts";

/**
 * Finds the app that imported tokens belong to: the profile's, else the file's.
 *
 * @param command The command.
 * @param found What was found in the file.
 * @param file The file's path, or `-`.
 * @returns The context, whose provider is the tokens'.
 * @throws {TdauthError} `invalid_options` when the app is unknown or belongs to another broker.
 */
export async function importContext(
  command: Command,
  found: ParsedTokenFile,
  file: string,
): Promise<Context> {
  const settings = await resolveSettings(settingsOptions(command));
  refuseFollower(settings, "import the tokens");
  if (!settings.storeTokens) {
    throw new TdauthError(
      "invalid_options",
      "Cannot import the tokens: TD_STORE_TOKENS is False, so no tokens are stored",
      { hint: "override it for this command: TD_STORE_TOKENS=True" },
    );
  }
  const broker = brokerOf(found);
  // The presets decide the broker of an app with a secret, as everywhere else.
  const named = settings.provider ??
    (settings.consumerSecret === undefined ? broker : undefined);
  const key = settings.consumerKey ?? keyOf(command, found, file);
  if (key === undefined) {
    throw new TdauthError(
      "invalid_options",
      "Cannot import the tokens: the file does not identify the app, and no consumer key is set",
      {
        hint:
          "set the other program's key with --consumer-key KEY, and use --profile NAME if the profile already has another app",
      },
    );
  }
  refuseOtherApp(settings, key);
  if (
    broker === undefined && settings.provider === undefined &&
    settings.consumerSecret === undefined && found.format.generic
  ) throw unknownProvider();
  const context = await prepareCommand(command, {
    consumerKey: key,
    ...(named !== undefined && { provider: named }),
  });
  refuseOthers(context, found, broker);
  return context;
}

/** Without a guess: a wrong one would send the refresh token to a stranger. */
function unknownProvider(): TdauthError {
  return new TdauthError(
    "invalid_options",
    "Cannot import the tokens: neither the file nor a setting says which provider issued them",
    {
      hint: `use --provider with ${presetChoices("an issuer's URL")}`,
    },
  );
}

/** The broker of the tokens, if the file identifies it. */
function brokerOf({ format, tokens }: ParsedTokenFile): string | undefined {
  const broker = format.broker ?? format.usualBroker;
  if (broker !== undefined) return broker;
  // Only presets: a file must not choose an issuer, which secrets would be sent to.
  const [id = ""] = tokens.provider?.split("@") ?? [];
  return presetNamed(id)?.key;
}

/** The consumer key, which is in tdauth's file, and is the name of pyTD's. */
function keyOf(
  command: Command,
  { format, tokens }: ParsedTokenFile,
  file: string,
): string | undefined {
  if (tokens.consumerKey !== undefined) return tokens.consumerKey;
  const name = file.split(/[/\\]/).at(-1) ?? "";
  const isKey = format.name === "pytd" &&
    /^[A-Za-z0-9]{8,64}$/.test(bareConsumerKey(name));
  if (!isKey) return undefined;
  const { yellow } = style(command, "err");
  command.io.err(
    `${yellow("note:")} the file's name is used as the consumer key: ${
      maskKey(name)
    }\n`,
  );
  return name;
}

/** The profile keeps its own app, so the next command would not find these tokens. */
function refuseOtherApp(
  { configDir, profile }: Settings,
  consumerKey: string,
): void {
  const saved = readConfig(configDir).profiles[profile]?.consumerKey;
  if (
    saved === undefined ||
    bareConsumerKey(saved) === bareConsumerKey(consumerKey)
  ) return;
  throw new TdauthError(
    "invalid_options",
    `Cannot import the tokens: the profile "${profile}" is for another app`,
    { hint: "use a separate profile: --profile NAME" },
  );
}

function refuseOthers(
  { app, provider, settings }: Context,
  { format, tokens }: ParsedTokenFile,
  broker: string | undefined,
): void {
  const otherBroker = format.usualBroker === undefined &&
    broker !== undefined && broker !== provider.key;
  if (otherBroker) {
    throw new TdauthError(
      "invalid_options",
      `Cannot import the tokens: they belong to ${
        brokerName(broker)
      }, and the profile "${settings.profile}" is for ${provider.name}`,
      {
        hint:
          `use a separate profile: --profile ${broker} --provider ${broker} --consumer-key KEY`,
      },
    );
  }
  if (!issuedBy(tokens, provider.id)) {
    throw new TdauthError(
      "invalid_options",
      "Cannot import the tokens: a different server than the profile's issued them, such as a practice broker",
      { hint: "set that server with --provider or TD_SANDBOX" },
    );
  }
  const { consumerKey } = tokens;
  if (
    consumerKey !== undefined &&
    bareConsumerKey(consumerKey) !== bareConsumerKey(app.consumerKey)
  ) {
    throw new TdauthError(
      "invalid_options",
      `Cannot import the tokens: they were issued to a different app than the profile's "${settings.profile}"`,
      { hint: "use a separate profile: --profile NAME" },
    );
  }
}
