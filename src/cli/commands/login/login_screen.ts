import type { LoginEvent } from "../../../login/login_event.ts";
import type { Settings } from "../../../settings/settings.ts";
import {
  terminalColumns,
  terminalRows,
} from "../../../system/standard_streams.ts";
import { notedTrust } from "../../../certificate/trust_record.ts";
import type { Command } from "../../grammar/command.ts";
import { style, wantsJson } from "../../terminal/output.ts";
import { deviceText } from "./device_text.ts";
import type { LoginFlags } from "./flags.ts";
import { fitting } from "../../terminal/wrap.ts";
import { nextCommand } from "../../terminal/hint_text.ts";

/** How many rejected requests are shown; of more, each new reason once. */
const MOST_REFUSED = 3;

/** What a login is about. */
export interface ScreenSubject {
  /** The app's key, masked. */
  readonly app: string;
  /** The settings here. */
  readonly settings: Pick<Settings, "certFile" | "configDir">;
  /** Whether the user may paste a URL. */
  readonly pastes: boolean;
  /** The machine that the tokens are for. @default {this one} */
  readonly on?: string;
}

/** What a person sees on stderr during a login, with a countdown on a terminal. */
export class LoginScreen {
  readonly #command: Command;
  readonly #live: boolean;
  readonly #noBrowser: boolean;
  #timer: ReturnType<typeof setInterval> | undefined;
  #waiting: ((left: string) => string[]) | undefined;
  #deadline = 0;
  #refused = 0;
  readonly #reasons = new Set<string>();
  #typed = 0;

  /** @param command The command whose stderr it draws on. */
  constructor(command: Command<LoginFlags>) {
    this.#command = command;
    this.#noBrowser = command.flags.browser === false;
    const { io } = command;
    this.#live = io.terminal.err && io.env("TERM") !== "dumb" &&
      !io.env("NO_COLOR") && !wantsJson(command);
  }

  /** Shows what happened. */
  show(event: LoginEvent, subject: ScreenSubject): void {
    const { bold, cyan, dim, yellow } = style(this.#command, "err");
    if (event.type === "ready") {
      const { pastes, on } = subject;
      this.say(
        `${bold(`Logging in to ${event.broker}`)} with the app ${subject.app}${
          on === undefined ? "" : `, for the tokens on ${on}`
        }.\n` +
          `${
            event.pasteOnly !== undefined || this.#noBrowser
              ? "Open this page in a browser"
              : "If no browser opens, open this page yourself"
          }:\n\n` +
          `  ${cyan(event.url)}\n\n`,
      );
      if (event.pasteOnly !== undefined) {
        this.say(
          `${yellow("note:")} ${event.pasteOnly}.\n` +
            `After the login, copy the final URL from the address bar, and paste it here within 30 seconds (input is hidden).\n`,
        );
      } else if (
        event.callbackUrl.startsWith("https:") &&
        subject.settings.certFile === undefined
      ) {
        this.#tellOfWarning(subject);
      }
      if (event.pasteOnly === undefined && pastes) {
        this.say(
          dim(
            "Is the browser on another machine? Does it end at an error? Paste the final URL here (input is hidden).\n",
          ),
        );
      }
      this.#wait(
        event.deadline,
        event.pasteOnly === undefined
          ? `the redirect to ${event.callbackUrl}`
          : "the pasted URL",
      );
    } else if (event.type === "device") {
      this.say(
        deviceText(event, {
          app: subject.app,
          style: style(this.#command, "err"),
          ...(this.#live && {
            room: { columns: terminalColumns(), rows: terminalRows() },
          }),
        }),
      );
      this.#wait(event.deadline, "the code to be entered");
    } else if (event.type === "retrying") {
      this.say(`${yellow("note:")} ${event.message}. Still trying.\n`);
    } else if (event.type === "not_opened") {
      this.say(`${yellow("note:")} ${event.message}\n`);
    } else if (event.type === "rejected") {
      // A flood of forged requests must not scroll the instructions away.
      const known = this.#reasons.has(event.reason);
      this.#reasons.add(event.reason);
      if (
        event.from === "redirect" && ++this.#refused > MOST_REFUSED && known
      ) return;
      const what = event.from === "paste"
        ? "The pasted URL was rejected"
        : "A request to the callback URL was rejected";
      this.say(
        `${yellow("note:")} ${what}: ${event.reason}. Still waiting.\n`,
      );
    } else if (event.type === "exchanging") {
      this.#waiting = undefined;
      this.say(dim("Redirect received; exchanging the code for tokens.\n"));
    }
  }

  /** Shows how much of a URL is pasted, not the URL. */
  typed(length: number): void {
    this.#typed = length;
    if (this.#live) this.#draw();
  }

  /** Stops the countdown and leaves a clean line. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#live && this.#waiting !== undefined) {
      this.#command.io.err("\r\x1b[K");
    }
    this.#waiting = undefined;
  }

  /** Shows text, above the countdown. */
  say(text: string): void {
    const { io } = this.#command;
    io.err(this.#live ? `\r\x1b[K${text}` : text);
    this.#draw();
  }

  /** Prepares the user for the browser's warning, if it does not trust the certificate. */
  #tellOfWarning({ settings }: ScreenSubject): void {
    const trust = notedTrust(settings.configDir);
    if (trust === "trusted") return;
    const { dim, yellow } = style(this.#command, "err");
    const next = nextCommand(this.#command, ["cert", "trust"]);
    if (trust === "renewed") {
      this.say(
        `${
          yellow("note:")
        } the certificate was renewed; run ${next} to trust the new one\n`,
      );
    }
    this.say(
      dim(
        "Your browser will warn about an unknown certificate: tdauth generated it.\n" +
          "Choose Advanced, then Proceed. The connection stays on this machine.\n" +
          (trust === "unknown" ? `${next} stops the warnings.\n` : ""),
      ),
    );
  }

  #wait(deadline: number, what: string): void {
    const { dim } = style(this.#command, "err");
    if (!this.#live) {
      const left = clock(deadline - Date.now());
      return this.say(`Waiting ${left} for ${what}.\n`);
    }
    this.#deadline = deadline;
    const dot = dim("·");
    this.#waiting = (left) => {
      const waiting = `Waiting for ${what} ${dot} ${left} left `;
      const pasted = `${this.#typed} characters pasted, press Enter `;
      return this.#typed === 0
        ? [
          `${waiting}${dot} ${dim("Ctrl-C cancels")} `,
          waiting,
          `${left} left `,
        ]
        : [`${waiting}${dot} ${pasted}`, `${left} left ${dot} ${pasted}`];
    };
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), 1000);
  }

  #draw(): void {
    if (this.#waiting === undefined) return;
    // A line that the terminal breaks could not be drawn over.
    const line = fitting(
      this.#waiting(clock(this.#deadline - Date.now())),
      terminalColumns(),
    );
    this.#command.io.err(`\r\x1b[K${line}`);
  }
}

/** Minutes and seconds: `4:59`. */
function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
