import { ProfileCache } from "../../../cache/profile_cache.ts";
import { absolutePath } from "../../terminal/absolute_path.ts";
import type { ExportFlags } from "./flags.ts";
import type { Context } from "../../../client/context.ts";
import { TdauthError } from "../../../base/errors.ts";
import { realPath } from "../../../system/files.ts";
import { hasTokens, issuedBy, type Tokens } from "../../../token/token.ts";
import {
  FORMAT_PROGRAMS,
  formatNames,
} from "../../../token_files/format_names.ts";
import { formatNamed, FORMATS } from "../../../token_files/formats.ts";
import { cachedTokens } from "../../../client/authorize.ts";
import type { TokenFileFormat } from "../../../token_files/token_file_format.ts";
import {
  formatTokenFile,
  writeTokenFile,
} from "../../../token_files/write_token_file.ts";
import { noteShort } from "../../account/note_short.ts";
import { prepareCommand } from "../../account/prepare_command.ts";
import type { Command } from "../../grammar/command.ts";
import { style, wantsJson, writeJson } from "../../terminal/output.ts";
import { brokerName } from "../../../providers/presets.ts";

/** Writes the stored tokens as another program's token file, to stdout or a file. */
export async function exportTokens(
  command: Command<ExportFlags>,
): Promise<void> {
  const { io, flags } = command;
  const output = flags.output === "-" ? undefined : flags.output;
  if (flags.format === undefined) {
    throw new TdauthError(
      "invalid_options",
      "Cannot export the tokens: no format specified",
      { hint: `use --format ${formatNames()}` },
    );
  }
  const format = formatNamed(flags.format);
  if (output === undefined && format.name === "schwabdev-3") {
    throw new TdauthError(
      "invalid_options",
      "Cannot print a token file of Schwabdev 3: it is a database",
      { hint: "name a file with --output, such as ~/.schwabdev/tokens.db" },
    );
  }
  const { minValid } = flags;
  const context = await prepareCommand(command, {}, {
    ...(minValid !== undefined && { minValid }),
  });
  refuseOtherBroker(context, format);
  const stored = await storedTokens(context);
  refuseAccessAlone(stored, format);
  const tokens = minValid === undefined ? stored : await cachedTokens(context);
  noteShort(command, tokens.accessToken, minValid);
  const { yellow } = style(command, "err");
  const alone = tokens.refreshToken.token === undefined;
  const refused = !alone && tokens.refreshRefused !== undefined;
  if (refused || !(alone ? tokens.accessToken : tokens.refreshToken).valid) {
    io.err(
      `${yellow("warning:")} ${
        refused
          ? "the broker rejected the refresh token"
          : `the ${alone ? "access" : "refresh"} token has expired`
      }: no program can use it anymore\n`,
    );
  }
  if (output === undefined) {
    return io.out(formatTokenFile(format, tokens));
  }
  const path = absolutePath(output);
  refuseOwnFile(context, path);
  const replaced = await writeTokenFile(path, format, tokens, {
    force: flags.force,
    now: io.now,
  });
  if (wantsJson(command)) {
    return writeJson(io, {
      format: format.name,
      output: path,
      replaced,
      profile: context.settings.profile,
    });
  }
  const { green } = style(command, "err");
  io.err(
    `${
      green("Exported")
    } the tokens of the profile ${context.settings.profile} ` +
      `${format.generic ? "as" : "for"} ${
        FORMAT_PROGRAMS[format.name]
      }:\n  ${output}\n` +
      `Only its owner can read it.` +
      (context.provider.known?.loginEndsOthers
        ? " A new login in either program invalidates the other's tokens.\n"
        : "\n"),
  );
}

async function storedTokens(context: Context): Promise<Tokens> {
  const tokens = await context.cache.load();
  if (
    hasTokens(tokens) && issuedBy(tokens, context.provider.id)
  ) return tokens;
  throw new TdauthError(
    "login_needed",
    "Cannot export the tokens: there are no stored tokens",
    { hint: { text: "log in:", command: ["login"] } },
  );
}

/** Most programs' files have a place for a refresh token, and no meaning without it. */
function refuseAccessAlone(
  { refreshToken }: Tokens,
  { accessAlone, name }: TokenFileFormat,
): void {
  if (refreshToken.token !== undefined || accessAlone) return;
  const others = FORMATS.filter(({ accessAlone }) => accessAlone)
    .map(({ name }) => `--format ${name}`);
  throw new TdauthError(
    "invalid_options",
    `Cannot export the tokens: there is no refresh token, and the format ${name} needs one`,
    { hint: `use ${others.join(" or ")}` },
  );
}

function refuseOtherBroker(
  { provider }: Context,
  { broker, name }: TokenFileFormat,
): void {
  if (broker === undefined || broker === provider.key) return;
  throw new TdauthError(
    "invalid_options",
    `Cannot export the tokens: ${FORMAT_PROGRAMS[name]} works with ${
      brokerName(broker)
    }, and the tokens are from another broker`,
    { hint: "choose another --format or --profile" },
  );
}

/** Another program's format does not work here, or loses what it has no place for. */
function refuseOwnFile({ cache }: Context, path: string): void {
  const { store } = cache;
  if (!(store instanceof ProfileCache) || !sameFile(path, store.path)) return;
  throw new TdauthError(
    "invalid_options",
    `Cannot write "${path}": tdauth stores its own tokens there`,
    { hint: "use another file" },
  );
}

function sameFile(one: string, other: string): boolean {
  try {
    return realPath(one) === realPath(other);
  } catch {
    return one === other;
  }
}
