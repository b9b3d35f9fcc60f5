import { loadOrSetAside } from "../../../client/log_in.ts";
import {
  waitingFor,
  withLockTimeout,
} from "../../../cache/with_lock_timeout.ts";
import type { Context } from "../../../client/context.ts";
import { TdauthError } from "../../../base/errors.ts";
import {
  RefreshToken,
  type Tokens,
  withoutMarks,
} from "../../../token/token.ts";
import { formatNamed } from "../../../token_files/formats.ts";
import {
  type ParsedTokenFile,
  parseTokenFile,
} from "../../../token_files/parse_token_file.ts";
import {
  readPiped,
  readSource,
  type Source,
} from "../../../token_files/read_source.ts";
import { parseLoginTime } from "../../../token_files/login_time.ts";
import type { TokenFileFormat } from "../../../token_files/token_file_format.ts";
import { confirm } from "../../terminal/ask.ts";
import type { Command } from "../../grammar/command.ts";
import { style, wantsJson } from "../../terminal/output.ts";
import { absolutePath } from "../../terminal/absolute_path.ts";
import type { ImportFlags } from "./flags.ts";
import { importContext } from "./import_context.ts";
import { type Outcome, showImport } from "./import_screen.ts";
import { refuseRejected } from "../../account/refuse_rejected.ts";
import { remember } from "../../account/remember.ts";
import { formatWhen } from "../../terminal/when.ts";
import { shellWord } from "../../../base/shell_word.ts";

/** How far the clocks of two machines may differ, in seconds. */
const TOLERANCE = 300;
/** How long to wait for a refresh of the stored tokens, in seconds. */
const LOCK_TIMEOUT = 60;

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
  const found = {
    ...parsed,
    tokens: withUsualLifetime(parsed.tokens, context, io.now),
  };
  refuseDead(command, found.tokens);
  if (!command.flags.force) refuseRejected(found.tokens);
  warnExposed(command, source, file);
  const notes = given?.local
    ? [
      ...found.notes,
      `--login-time has no time zone, and is read in this machine's: ${
        formatWhen(given.seconds)
      }`,
    ]
    : found.notes;
  const { yellow } = style(command, "err");
  for (const note of notes) io.err(`${yellow("note:")} ${note}\n`);
  const { tokens, outcome } = await store(command, context, found, file);
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

/** Adds the lifetime that the provider's refresh tokens have, where the file states none. */
function withUsualLifetime(
  tokens: Tokens,
  { provider }: Context,
  now: () => number,
): Tokens {
  const { refreshToken } = tokens;
  const lifetime = provider.known?.refreshTokenLifetime;
  if (lifetime === undefined || Number.isFinite(refreshToken.expiresIn)) {
    return tokens;
  }
  return {
    ...tokens,
    refreshToken: new RefreshToken({
      token: String(refreshToken),
      accessTime: refreshToken.accessTime,
      expiresIn: lifetime,
    }, now),
  };
}

/** Rejects expired tokens and impossible times. */
function refuseDead({ io }: Command, { refreshToken }: Tokens): void {
  const now = io.now() / 1000;
  if (refreshToken.accessTime > now + TOLERANCE) {
    throw new TdauthError(
      "token_file_failed",
      "Cannot import the tokens: their login time is in the future",
      { hint: "compare both machines' clocks" },
    );
  }
  if (refreshToken.valid) return;
  throw new TdauthError(
    "login_needed",
    `Cannot import the tokens: the refresh token expired on ${
      formatWhen(refreshToken.expiry)
    }`,
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

/** Stores the tokens under the refresh lock, unless better ones are stored. */
async function store(
  command: Command<ImportFlags>,
  context: Context,
  found: ParsedTokenFile,
  file: string,
): Promise<{ tokens: Tokens; outcome: Outcome }> {
  const { cache, app, provider } = context;
  const imported: Tokens = {
    ...withoutMarks(found.tokens),
    provider: provider.id,
    consumerKey: app.consumerKey,
  };
  // Before the lock: the user may be asked for the passphrase.
  await loadOrSetAside(context);
  let agreed = false;
  let shown: Tokens | undefined;
  while (true) {
    const result = await withLockTimeout(cache, "refresh", async () => {
      const stored = await loadOrSetAside(context);
      const { refreshToken, refreshRefused } = stored;
      const force = command.flags.force && refreshRefused !== undefined;
      if (!force && String(refreshToken) === String(imported.refreshToken)) {
        refuseRejected(stored);
        return await merge(context, stored, imported);
      }
      const sameAsShown = shown !== undefined &&
        String(shown.refreshToken) === String(refreshToken);
      const mayReplace = command.flags.force || (agreed && sameAsShown) ||
        !refreshToken.valid || refreshRefused !== undefined ||
        !found.assumed &&
          refreshToken.expiry < imported.refreshToken.expiry;
      if (!mayReplace) return { tokens: stored, outcome: "refused" } as const;
      await cache.save(imported, "login");
      return { tokens: imported, outcome: "new" } as const;
    }, {
      timeout: LOCK_TIMEOUT,
      onTimeout: busy,
      onWait: (who) => context.log("warning", waitingFor(who)),
      signal: command.io.signal,
    });
    if (result.outcome !== "refused") return result;
    // No process waits for the lock while the user thinks.
    shown = result.tokens;
    agreed = await agreesToReplace(command, context, shown, found, file);
  }
}

/** For tokens of the same login, keeps the younger access token, and what a refresh has written meanwhile. */
async function merge(
  { cache }: Context,
  stored: Tokens,
  imported: Tokens,
): Promise<{ tokens: Tokens; outcome: Outcome }> {
  const older = imported.accessToken.token === undefined ||
    stored.accessToken.token !== undefined &&
      stored.accessToken.expiry >= imported.accessToken.expiry;
  const dated = stored.loginTime === undefined &&
    imported.loginTime !== undefined;
  const known = stored.provider !== undefined;
  if (older && known && !dated) return { tokens: stored, outcome: "same" };
  const tokens = {
    ...imported,
    ...stored,
    provider: imported.provider ?? "",
    // The time of the login is when its lifetime began.
    refreshToken: dated ? imported.refreshToken : stored.refreshToken,
    accessToken: older ? stored.accessToken : imported.accessToken,
  };
  await cache.save(tokens, "refresh");
  return { tokens, outcome: older ? dated ? "dated" : "same" : "younger" };
}

async function agreesToReplace(
  command: Command,
  { settings }: Context,
  stored: Tokens,
  { tokens: imported, assumed }: ParsedTokenFile,
  file: string,
): Promise<boolean> {
  const { io } = command;
  const why = assumed
    ? "has tokens, and the file does not say when its own were issued"
    : "has tokens that expire at the same time or later";
  const when = (tokens: Tokens) =>
    tokens.loginTime === undefined
      ? "at an unknown time"
      : `on ${formatWhen(tokens.loginTime)}`;
  if (io.terminal.in && file !== "-" && !wantsJson(command)) {
    const { yellow, dim } = style(command, "err");
    io.err(
      `${yellow("note:")} the profile ${settings.profile} ${why}\n` +
        dim(`  stored:   login ${when(stored)}\n`) +
        dim(`  the file: login ${when(imported)}\n`),
    );
    const agreed = await confirm(
      io,
      style(command, "err"),
      "Replace the stored tokens?",
    );
    if (agreed) return true;
  }
  throw new TdauthError(
    "invalid_options",
    `Cannot import the tokens: the profile "${settings.profile}" ${why} (login ${
      when(stored)
    })`,
    {
      hint: assumed
        ? "they were kept; say when with --login-time, or replace them anyway with --force"
        : "they were kept; to replace them anyway, use --force",
    },
  );
}

function busy(who: string): TdauthError {
  return new TdauthError(
    "busy",
    `Cannot import the tokens: ${who} has held their lock for ${LOCK_TIMEOUT} seconds`,
    { hint: "check for a hung or suspended tdauth process, and end it" },
  );
}
