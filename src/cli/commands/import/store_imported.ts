import {
  waitingFor,
  withLockTimeout,
} from "../../../cache/with_lock_timeout.ts";
import type { Context } from "../../../client/context.ts";
import { loadOrSetAside } from "../../../client/log_in.ts";
import { TdauthError } from "../../../base/errors.ts";
import { type Tokens, withoutMarks } from "../../../token/token.ts";
import type { ParsedTokenFile } from "../../../token_files/parse_token_file.ts";
import { refuseRejected } from "../../account/refuse_rejected.ts";
import type { Command } from "../../grammar/command.ts";
import { confirm } from "../../terminal/ask.ts";
import { style, wantsJson } from "../../terminal/output.ts";
import { formatWhen } from "../../terminal/when.ts";
import type { ImportFlags } from "./flags.ts";
import type { Outcome } from "./import_screen.ts";
import { hasRefreshToken, lastToken } from "./last_token.ts";

/** How long to wait for a refresh of the stored tokens, in seconds. */
const LOCK_TIMEOUT = 60;

/**
 * Stores imported tokens under the refresh lock, unless better ones are stored: then
 * the user is asked on a terminal.
 *
 * @param command The command.
 * @param context Whose tokens they are.
 * @param found What was found in the file.
 * @param file The file's path, or `-`.
 * @returns The tokens that are now stored, and how it ended.
 * @throws {TdauthError} `invalid_options` when stored tokens are kept; `busy` when another process holds their lock.
 */
export async function storeImported(
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
  let asked: Tokens | undefined;
  while (true) {
    const result = await withLockTimeout(cache, "refresh", async () => {
      const stored = await loadOrSetAside(context);
      const { refreshRefused } = stored;
      const again = command.flags.force && refreshRefused !== undefined;
      if (!again && isSameLogin(stored, imported)) {
        refuseRejected(stored);
        return await merge(context, stored, imported);
      }
      const sameAsAsked = asked !== undefined &&
        String(lastToken(asked)) === String(lastToken(stored));
      const mayReplace = command.flags.force || (agreed && sameAsAsked) ||
        !lastToken(stored).valid || refreshRefused !== undefined ||
        !found.assumed && !losesRefreshToken(stored, imported) &&
          lastToken(stored).expiry < lastToken(imported).expiry;
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
    asked = result.tokens;
    agreed = await agreesToReplace(command, context, asked, found, file);
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
  const alone = !hasRefreshToken(imported);
  if (older && known && !dated) return { tokens: stored, outcome: "same" };
  const tokens = {
    ...imported,
    ...stored,
    provider: imported.provider ?? "",
    // The time of the login is when its lifetime began.
    refreshToken: dated && !alone ? imported.refreshToken : stored.refreshToken,
    accessToken: older && !(dated && alone)
      ? stored.accessToken
      : imported.accessToken,
    ...(!older && imported.apiOrigin !== undefined &&
      { apiOrigin: imported.apiOrigin }),
  };
  await cache.save(tokens, "refresh");
  return { tokens, outcome: older ? dated ? "dated" : "same" : "younger" };
}

/** Whether an access token alone would take the place of a login that can be refreshed. */
function losesRefreshToken(stored: Tokens, imported: Tokens): boolean {
  return hasRefreshToken(stored) && !hasRefreshToken(imported);
}

async function agreesToReplace(
  command: Command,
  { settings }: Context,
  stored: Tokens,
  { tokens: imported, assumed }: ParsedTokenFile,
  file: string,
): Promise<boolean> {
  const { io } = command;
  const loses = losesRefreshToken(stored, imported);
  const why = loses
    ? "has a refresh token, and the file has none"
    : assumed
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
      hint: assumed && !loses
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

/** Whether both are of one login: an access token alone is known by itself. */
function isSameLogin(stored: Tokens, imported: Tokens): boolean {
  const kind = hasRefreshToken(imported) ? "refreshToken" : "accessToken";
  return String(stored[kind]) === String(imported[kind]);
}
