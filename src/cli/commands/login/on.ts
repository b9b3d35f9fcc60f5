import { certificate } from "../../../client/context.ts";
import { abortable } from "../../../base/abortable.ts";
import { delay } from "../../../base/delay.ts";
import { deadline } from "../../../base/deadline.ts";
import { TdauthError } from "../../../base/errors.ts";
import { browserLogin } from "../../../login/browser_login.ts";
import type { CallbackPage } from "../../../login/callback_page.ts";
import { cancelled, timeText } from "../../../login/login_end.ts";
import { shownEnd } from "../../../login/shown_end.ts";
import type { Settings } from "../../../settings/settings.ts";
import { parseSshHost, sshHostText } from "../../../system/ssh_call.ts";
import { commandSettings } from "../../account/prepare_command.ts";
import type { Command } from "../../grammar/command.ts";
import { nextCommand } from "../../terminal/hint_text.ts";
import { checkOn } from "./check_on.ts";
import type { LoginFlags } from "./flags.ts";
import { knownLogin } from "./known_login.ts";
import { LoginScreen } from "./login_screen.ts";
import { openPage } from "./open_page.ts";
import {
  remoteError,
  type RemoteEvent,
  type RemoteEventOf,
} from "./remote_event.ts";
import { remoteWords } from "./remote_words.ts";
import { SshLogin } from "./ssh_login.ts";
import { tellStored } from "./tell.ts";

/** How long, in seconds, another login may keep the one there waiting, beyond its own time. */
const WAIT = 60;
/** How long, in seconds, the other machine may take to exchange a code and store the tokens. */
const ANSWER = 90;
/** How long, in milliseconds, a signal to all programs of the terminal may come later to this one. */
const CTRL_C = 50;

/**
 * Logs in with the browser here for the tokens of another machine: it makes the
 * request and keeps its secrets, gets the redirect, exchanges the code and stores
 * the tokens.
 *
 * @param command The command.
 * @param on Where: `user@host`.
 * @throws {TdauthError} As a login; `login_failed` when the connection ends.
 */
export async function loginOn(
  command: Command<LoginFlags>,
  on: string,
): Promise<void> {
  const to = parseSshHost(on);
  if (to === undefined) {
    throw new TdauthError(
      "invalid_options",
      `Cannot log in on "${on}": it is no host for ssh`,
      { hint: "use host, user@host or ssh://user@host:port" },
    );
  }
  checkOn(command);
  const settings = await commandSettings(command);
  const { remoteCommand } = settings;
  const screen = new LoginScreen(command);
  await using ssh = new SshLogin({
    to,
    words: remoteWords(command, settings),
    remoteCommand,
    onLine: (line) => screen.say(`${line}\n`),
  });
  const login = new LoginOn(command, settings, sshHostText(to), ssh, screen);
  try {
    const stored = await login.run();
    screen.end();
    tellStored(command, stored, sshHostText(to));
  } catch (error) {
    if (login.isOpen) {
      screen.say(
        `note: ${
          sshHostText(to)
        } has the redirect; whether it stored tokens is not known (see ${
          nextCommand(command, ["status"])
        } there)\n`,
      );
    }
    throw error;
  } finally {
    command.io.endPasting();
    screen.end();
  }
}

/** One login on another machine. */
class LoginOn {
  readonly #command: Command<LoginFlags>;
  readonly #settings: Settings;
  readonly #place: string;
  readonly #ssh: SshLogin;
  readonly #screen: LoginScreen;
  #sent = false;
  #answered = false;

  constructor(
    command: Command<LoginFlags>,
    settings: Settings,
    place: string,
    ssh: SshLogin,
    screen: LoginScreen,
  ) {
    this.#command = command;
    this.#settings = settings;
    this.#place = place;
    this.#ssh = ssh;
    this.#screen = screen;
  }

  /** Whether the other machine has a redirect and has not said what came of it. */
  get isOpen(): boolean {
    return this.#sent && !this.#answered;
  }

  async run(): Promise<RemoteEventOf<"stored">> {
    const { io, flags } = this.#command;
    const first = await this.#within(this.#next(), flags.timeout + WAIT);
    if (first.event === "stored") return first;
    if (first.event === "failed") throw remoteError(first, this.#place);
    const known = await knownLogin(first, this.#settings, {
      place: this.#place,
      fetch: io.fetch,
    });
    const answer = this.#answer();
    const early = new AbortController();
    answer.catch((error) => {
      // Later it is the browser's page that says so.
      if (!this.#sent) early.abort(error);
    });
    const pastes = io.terminal.in || flags.redirectUrl !== undefined;
    const subject = {
      app: first.app,
      settings: this.#settings,
      pastes,
      on: this.#place,
    };
    return await browserLogin({
      ...known,
      name: first.broker,
      certificate: () => certificate(this.#settings, io.now),
      openUrl: (url) =>
        openPage(
          this.#command,
          url,
          (message) =>
            this.#screen.show({
              type: "not_opened",
              message: `The browser was not opened: ${message}`,
            }, subject),
        ),
      ...(pastes && {
        pastedUrls: io.pastedLines((length) => this.#screen.typed(length)),
      }),
      loginTimeout: flags.timeout,
      onEvent: (event) => {
        if (event.type === "ready" && pastes) io.startPasting();
        this.#screen.show(event, subject);
      },
      signal: AbortSignal.any([io.signal, early.signal]),
      finish: async (redirect, signal, show) => {
        this.#sent = true;
        await this.#ssh.send(redirectUrl(known.callbackUrl, redirect));
        return await this.#finish(first, answer, signal, show);
      },
    });
  }

  /** What the other machine says next. */
  async #next(): Promise<RemoteEvent> {
    try {
      return await this.#ssh.next();
    } catch (error) {
      // Ctrl-C ends ssh as well, which may be seen first.
      await delay(CTRL_C);
      const { signal } = this.#command.io;
      if (!signal.aborted) throw error;
      throw cancelled({ name: this.#place }, signal.reason);
    }
  }

  /** What comes of the login there. */
  async #answer(): Promise<RemoteEventOf<"stored">> {
    const event = await this.#next();
    if (event.event === "failed") {
      this.#answered = true;
      throw remoteError(event, this.#place);
    }
    if (event.event !== "stored" || !this.#sent) {
      throw new TdauthError(
        "login_failed",
        `Cannot log in on ${this.#place}: it answered what it was not asked`,
        { hint: "see what runs there as tdauth" },
      );
    }
    this.#answered = true;
    return event;
  }

  /** Waits until the tokens are stored there, and shows in the user's browser whether they are. */
  async #finish(
    { broker, app }: RemoteEventOf<"ready">,
    answer: Promise<RemoteEventOf<"stored">>,
    signal: AbortSignal,
    show: (page: CallbackPage) => Promise<void>,
  ): Promise<RemoteEventOf<"stored">> {
    const { now, called } = this.#command.io;
    return await shownEnd(
      {
        about: { broker, app },
        show,
        now,
        hintText: (hint) => hint.format(called()),
      },
      () => this.#within(abortable(answer, signal), ANSWER),
      ({ profile, login_needed_at: due }) => ({
        profile,
        due: due ?? Infinity,
      }),
    );
  }

  /** Waits for so many seconds, or until the user cancels it. */
  async #within<T>(promise: Promise<T>, seconds: number): Promise<T> {
    const { signal } = this.#command.io;
    using limit = deadline(seconds * 1000, {
      reason: () =>
        new TdauthError(
          "login_timeout",
          `Cannot log in on ${this.#place}: it did not answer within ${
            timeText(seconds)
          }`,
          { hint: "log in again; with ssh -v you see where it waits" },
        ),
    });
    try {
      return await abortable(
        promise,
        AbortSignal.any([signal, limit.signal]),
      );
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
      throw cancelled({ name: this.#place }, error);
    }
  }
}

/** The redirect as a URL, for the other machine. */
function redirectUrl(callbackUrl: string, redirect: URLSearchParams): string {
  const { origin, pathname } = new URL(callbackUrl);
  const query = [...redirect].map(([name, value]) =>
    `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
  ).join("&");
  return `${origin}${pathname}?${query}`;
}
