import { loggedIn } from "../../../client/log_in.ts";
import type { Context } from "../../../client/context.ts";
import { realEnvironment } from "../../../system/environment.ts";
import { TdauthError } from "../../../base/errors.ts";
import { openBrowser } from "../../../login/browser.ts";
import { noBrowser } from "../../../login/no_browser.ts";
import { callbackHosts } from "../../../login/callback_server.ts";
import { refuseFollower } from "../../../client/keeper.ts";
import { SECRET_VARIABLES } from "../../../settings/variable_table.ts";
import { isLoggedIn, type Tokens } from "../../../token/token.ts";
import { ask } from "../../terminal/ask.ts";
import { prepareCommand } from "../../account/prepare_command.ts";
import type { Command } from "../../grammar/command.ts";
import { style } from "../../terminal/output.ts";
import type { LoginFlags } from "./flags.ts";
import { LoginScreen } from "./login_screen.ts";
import { type LoginOutcome, tell } from "./tell.ts";
import { remember } from "../../account/remember.ts";

/** Logs in with the user's browser, stores the tokens and remembers the app's settings. */
export async function login(
  command: Command<LoginFlags>,
): Promise<void> {
  const { io, flags } = command;
  const { timeout, ifOlder, device } = flags;
  const screen = new LoginScreen(command);
  const prepared = await prepareCommand(command, {}, {
    interactive: true,
    ...(timeout !== undefined && { loginTimeout: timeout }),
    ...(device !== undefined && { device }),
    onEvent: (event) => {
      if (event.type === "ready" && context.pastedUrls !== undefined) {
        io.startPasting();
      }
      screen.show(event, context);
    },
    openUrl: (url) =>
      openPage(
        command,
        url,
        (message) =>
          screen.show({
            type: "not_opened",
            message: `The browser was not opened: ${message}`,
          }, prepared),
      ),
  });
  refuseFollower(prepared.settings, "log in"); // before anything is asked
  const secret = await missingSecret(command, prepared);
  const pastes = takesPaste(command, prepared);
  const context: Context = {
    ...prepared,
    noBrowser: () => Promise.resolve(whyNoBrowser(command)),
    app: {
      ...prepared.app,
      ...(secret !== undefined && { consumerSecret: secret }),
    },
    ...(pastes && {
      pastedUrls: io.pastedLines((length) => screen.typed(length)),
    }),
  };
  const before = await lastLogin(context);
  const young = (stored: Tokens) =>
    ifOlder !== undefined && isLoggedIn(stored) &&
    stored.loginTime !== undefined &&
    // One in the future says that the clock was turned back, not how old it is.
    Math.abs(io.now() / 1000 - stored.loginTime) < ifOlder;
  // Another process logged in while this command waited for the lock.
  const justMade = (stored: Tokens) =>
    !flags.force && isLoggedIn(stored) &&
    stored.loginTime !== before?.loginTime;
  await warnOthers(command, context, before);
  let outcome: LoginOutcome = "new";
  let tokens: Tokens;
  try {
    tokens = await loggedIn(context, {
      isAcceptable: (stored) => {
        outcome = young(stored) ? "young" : justMade(stored) ? "other" : "new";
        return outcome !== "new";
      },
      mustStore: true,
      asked: true,
    });
  } finally {
    io.endPasting();
    screen.end();
  }
  remember(command, context);
  tell(command, context, tokens, outcome);
}

/** The tokens of the last login, where there are any that can be read. */
async function lastLogin(
  { cache, log }: Context,
): Promise<Tokens | undefined> {
  try {
    const tokens = await cache.load();
    return isLoggedIn(tokens) ? tokens : undefined;
  } catch (error) {
    if (!(error instanceof TdauthError) || error.code !== "cache_corrupt") {
      throw error;
    }
    // A damaged file was moved aside, and the user must know where it is.
    log("warning", error.message);
    return undefined;
  }
}

/** Warns that other scripts must load the new tokens, where that is so. */
async function warnOthers(
  command: Command<LoginFlags>,
  context: Context,
  before: Tokens | undefined,
): Promise<void> {
  if (before === undefined || command.flags.ifOlder !== undefined) return;
  const provider = await context.provider.get();
  if (!provider.loginEndsOthers) return;
  const { yellow } = style(command, "err");
  command.io.err(
    `${
      yellow("note:")
    } a new login at ${provider.name} invalidates the last tokens immediately; ` +
      `other programs that use them must log in, too\n`,
  );
}

/** Asks for the secret that a broker always issues, if it is not set. */
async function missingSecret(
  command: Command,
  context: Context,
): Promise<string | undefined> {
  const { io } = command;
  const { consumerSecret } = context.app;
  if (
    consumerSecret !== undefined ||
    context.provider.preset?.secret !== "needed" ||
    !io.terminal.in
  ) return undefined;
  return await ask(io, style(command, "err"), {
    text: "Consumer secret (hidden)?",
    hidden: true,
  });
}

/** Stdin in a pipe is only for a login that must be pasted; a terminal is for both. */
function takesPaste(
  { io, flags }: Command<LoginFlags>,
  { settings }: Context,
): boolean {
  const { callbackUrl } = settings;
  return io.terminal.in || flags.redirectUrl !== undefined ||
    (callbackUrl !== undefined && URL.canParse(callbackUrl) &&
      callbackHosts(callbackUrl).length === 0);
}

/** Why no browser can be opened here; a user who chose one, or none, gets the login page. */
function whyNoBrowser(
  { io, flags }: Command<LoginFlags>,
): string | undefined {
  return flags.browser === undefined && io.openUrl === undefined
    ? noBrowser(io.env)
    : undefined;
}

async function openPage(
  { io, flags }: Command<LoginFlags>,
  url: string,
  onFailure: (message: string) => void,
): Promise<void> {
  if (flags.browser === false) return;
  if (io.openUrl !== undefined) return await io.openUrl(url);
  const browser = flags.browser ?? io.env("BROWSER");
  const env = realEnvironment();
  await openBrowser(url, {
    secrets: SECRET_VARIABLES,
    ...(browser !== undefined && { command: browser }),
    ...(env && { env }),
    onFailure,
  });
}
