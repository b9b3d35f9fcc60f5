import type { Context } from "../../../client/context.ts";
import { TdauthError } from "../../../base/errors.ts";
import {
  AccessToken,
  RefreshToken,
  type Tokens,
} from "../../../token/token.ts";
import { formatNamed } from "../../../token_files/formats.ts";
import { parseTokenFile } from "../../../token_files/parse_token_file.ts";
import {
  readPiped,
  readSource,
  type Source,
} from "../../../token_files/read_source.ts";
import { parseLoginTime } from "../../../token_files/login_time.ts";
import type { TokenFileFormat } from "../../../token_files/token_file_format.ts";
import type { Command } from "../../grammar/command.ts";
import { style } from "../../terminal/output.ts";
import { absolutePath } from "../../terminal/absolute_path.ts";
import type { ImportFlags } from "./flags.ts";
import { importContext } from "./import_context.ts";
import { importedOrigin } from "./imported_origin.ts";
import { hasRefreshToken, lastToken } from "./last_token.ts";
import { storeImported } from "./store_imported.ts";
import { showImport } from "./import_screen.ts";
import { refuseRejected } from "../../account/refuse_rejected.ts";
import { remember } from "../../account/remember.ts";
import { formatWhen } from "../../terminal/when.ts";
import { refusedOriginText } from "../../../providers/api_origin.ts";
import { shown } from "../../../base/shown.ts";
import { shellWord } from "../../../base/shell_word.ts";

/** How far the clocks of two machines may differ, in seconds. */
const TOLERANCE = 300;

/**
 * Imports the tokens from another program's file, which is not changed.
 *
 * @param command The command.
 * @param file The file; `-` is stdin.
 */
export async function importTokens(
  command: Command<ImportFlags>,
  file: string,
): Promise<void> {
  const { io } = command;
  const { format, loginTime } = command.flags;
  const formats = wantedFormats(format);
  const given = loginTime === undefined
    ? undefined
    : parseLoginTime(loginTime, io.now());
  const source = file === "-" ? await piped(command) : readSource(file);
  const parsed = await parseTokenFile(source.bytes, {
    now: io.now,
    ...(given && { loginTime: given.seconds }),
    ...(formats && { formats }),
    ...(file !== "-" && { path: absolutePath(file) }),
  });
  const context = await importContext(command, parsed, file);
  refuseAccessAlone(parsed.tokens, context);
  const { apiOrigin: _, ...rest } = parsed.tokens;
  const { apiOrigin, refusedApiOrigin } = importedOrigin(
    context.provider.known,
    parsed,
  );
  const found = {
    ...parsed,
    tokens: withUsualLifetime(
      { ...rest, ...(apiOrigin !== undefined && { apiOrigin }) },
      context,
      io.now,
    ),
  };
  refuseDead(command, found.tokens);
  if (!command.flags.force) refuseRejected(found.tokens);
  warnExposed(command, source, file);
  const notes = [
    ...found.notes,
    ...(given?.local
      ? [
        `--login-time has no time zone, and is read in this machine's: ${
          formatWhen(given.seconds)
        }`,
      ]
      : []),
  ];
  const { yellow } = style(command, "err");
  const { known } = context.provider;
  if (known !== undefined && refusedApiOrigin !== undefined) {
    const refused = refusedOriginText(known, refusedApiOrigin);
    io.err(`${yellow("warning:")} ${shown(refused)}\n`);
  }
  for (const note of notes) io.err(`${yellow("note:")} ${note}\n`);
  const { tokens, outcome } = await storeImported(
    command,
    context,
    found,
    file,
  );
  remember(command, context);
  showImport(command, context, found, tokens, outcome);
}

function wantedFormats(
  name: string | undefined,
): readonly TokenFileFormat[] | undefined {
  if (name === undefined) return undefined;
  // A user knows the program; which version wrote the file, the file says.
  const names = name.toLowerCase() === "schwabdev"
    ? ["schwabdev-2", "schwabdev-3"]
    : [name];
  return names.map(formatNamed);
}

async function piped({ io }: Command): Promise<Source> {
  if (io.terminal.in) {
    io.err("Paste the token file, then press Ctrl-D on a new line:\n");
  }
  return await readPiped(io.input());
}

/** Rejects an access token alone where every login brings a refresh token: the file is not all that there is. */
function refuseAccessAlone(tokens: Tokens, { provider }: Context): void {
  if (hasRefreshToken(tokens) || provider.known?.refreshTokens !== "always") {
    return;
  }
  throw new TdauthError(
    "token_file_failed",
    `Cannot import the tokens: there is no refresh token, and ${provider.name} always issues one`,
    {
      hint: {
        text: "import a file of the other program that has both, or log in:",
        command: ["login"],
      },
    },
  );
}

/** Adds the lifetimes that the provider's tokens have, where the file states none. */
function withUsualLifetime(
  tokens: Tokens,
  { provider: { known } }: Context,
  now: () => number,
): Tokens {
  const { accessToken, refreshToken } = tokens;
  const kind = hasRefreshToken(tokens) ? "refreshToken" : "accessToken";
  const lifetime = known?.[`${kind}Lifetime`];
  if (lifetime === undefined || Number.isFinite(tokens[kind].expiresIn)) {
    return tokens;
  }
  return hasRefreshToken(tokens)
    ? {
      ...tokens,
      refreshToken: new RefreshToken({
        token: String(refreshToken),
        accessTime: refreshToken.accessTime,
        expiresIn: lifetime,
      }, now),
    }
    : {
      ...tokens,
      accessToken: new AccessToken({
        token: String(accessToken),
        accessTime: accessToken.accessTime,
        expiresIn: lifetime,
      }, now),
    };
}

/** Rejects expired tokens and impossible times. */
function refuseDead({ io }: Command, tokens: Tokens): void {
  const now = io.now() / 1000;
  const last = lastToken(tokens);
  const alone = !hasRefreshToken(tokens);
  if (last.accessTime > now + TOLERANCE) {
    throw new TdauthError(
      "token_file_failed",
      alone
        ? "Cannot import the tokens: their time of issue is in the future"
        : "Cannot import the tokens: their login time is in the future",
      { hint: "compare both machines' clocks" },
    );
  }
  if (last.valid) return;
  const end = formatWhen(last.expiry);
  throw new TdauthError(
    "login_needed",
    alone
      ? `Cannot import the tokens: the access token expired on ${end}, and there is no refresh token`
      : `Cannot import the tokens: the refresh token expired on ${end}`,
    { hint: { text: "log in:", command: ["login"] } },
  );
}

function warnExposed(
  command: Command,
  { exposed }: Source,
  file: string,
): void {
  if (!exposed) return;
  const { yellow } = style(command, "err");
  command.io.err(
    `${yellow("warning:")} other users of this machine can read the tokens: ` +
      `chmod 600 ${shellWord(file)}\n`,
  );
}
