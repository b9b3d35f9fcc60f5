import { TdauthError } from "../../../base/errors.ts";
import { shown } from "../../../base/shown.ts";
import type { SeenTokens, ServeEvent } from "../../../serve/serve_event.ts";
import type { Command } from "../../grammar/command.ts";
import { hintText, nextCommand } from "../../terminal/hint_text.ts";
import { style } from "../../terminal/output.ts";
import { tilde } from "../../terminal/tilde.ts";
import { shortWhen } from "./short_when.ts";

/** What is said once, when the server has started. */
export interface Started {
  /** The keeper's socket. */
  readonly socket: string | undefined;
  /** How many hooks there are, or why that cannot be known. */
  readonly hooks: number | string;
  /** How many profiles there are. */
  readonly profiles: number;
}

/** What a person sees of a running server: a line for each event, on stderr. */
export interface ServeScreen {
  /** Shows what runs; in a terminal alone, for a journal has its own words for that. */
  readonly start: (started: Started) => void;
  /** Shows an event. */
  readonly event: (event: ServeEvent) => void;
  /** Shows that something is wrong which is no profile's. */
  readonly warn: (message: string) => void;
  /** Shows anything else. */
  readonly note: (message: string) => void;
}

/**
 * Makes the screen of a server.
 *
 * @param command The command.
 * @returns The screen.
 */
export function serveScreen(command: Command): ServeScreen {
  const { io } = command;
  const { bold, dim, green, red, yellow, cyan } = style(command, "err");
  // A journal writes the time itself.
  const timed = io.env("JOURNAL_STREAM") === undefined;
  const now = () => io.now() / 1000;
  const line = (text: string) => {
    const time = timed ? `${dim(clock(io.now()))}  ` : "";
    io.err(`${time}${text}\n`);
  };
  const about = (profile: string, text: string) =>
    line(`${bold(shown(profile))}: ${text}`);
  const problem = (error: unknown) => {
    const { message } = error instanceof Error
      ? error
      : { message: String(error) };
    const hint = error instanceof TdauthError ? error.hint : undefined;
    const text = `${message.charAt(0).toLowerCase()}${message.slice(1)}`;
    return shown(
      hint === undefined ? text : `${text} (${hintText(command, hint)})`,
    );
  };
  const tokens = (profile: string, seen: SeenTokens) => {
    const { validUntil, refreshAt, loginDue } = seen;
    if (loginDue === 0) {
      const login = nextCommand(command, [
        "login",
        ...(profile === "default" ? [] : ["--profile", profile]),
      ]);
      return `${red("a login is needed")}: ${cyan(login)}`;
    }
    const when = (seconds: number) => shortWhen(seconds, now());
    return [
      validUntil === 0
        ? yellow("expired")
        : `valid ${
          Number.isFinite(validUntil) ? `until ${when(validUntil)}` : "for now"
        }`,
      ...(validUntil > 0 && Number.isFinite(refreshAt)
        ? [`next refresh ${when(refreshAt)}`]
        : []),
      ...(Number.isFinite(loginDue) ? [`next login ${when(loginDue)}`] : []),
    ].join(", ");
  };
  return {
    start({ socket, hooks, profiles }) {
      if (!io.terminal.err) return;
      const row = (label: string, text: string) =>
        `  ${dim(label.padEnd(9))}${text}\n`;
      const where = socket === undefined
        ? "none on Windows"
        : shown(tilde(command, socket));
      io.err(
        `\n${bold("tdauth serve")} keeps ${
          profiles === 1 ? "1 profile" : `${profiles} profiles`
        } fresh until Ctrl-C.\n\n` +
          row("Socket", where) +
          row(
            "Hooks",
            typeof hooks === "string"
              ? yellow(shown(hooks))
              : hooks === 0
              ? dim("none in config.json")
              : `${hooks} in config.json`,
          ) +
          (profiles > 0 ? "" : row(
            "Next",
            `${cyan(nextCommand(command, ["login"]))} ${
              dim("(it is noticed here within a minute)")
            }`,
          )) +
          "\n",
      );
    },
    event(event) {
      const { profile } = event;
      switch (event.is) {
        case "seen":
          return about(profile, tokens(profile, event.tokens));
        case "refreshed":
          return about(
            profile,
            `${green("refreshed")}, ${tokens(profile, event.tokens)}`,
          );
        case "failed":
          return about(
            profile,
            `${red(problem(event.error))}; next try ${
              shortWhen(event.again, now())
            }`,
          );
        case "unreadable":
          return about(profile, red(problem(event.error)));
        case "follower":
          return about(
            profile,
            dim(`left alone: its tokens are kept by ${shown(event.keeper)}`),
          );
        case "gone":
          return about(profile, dim("no longer in config.json"));
      }
    },
    warn: (message) => line(`${yellow("warning:")} ${shown(message)}`),
    note: (message) => line(dim(shown(message))),
  };
}

/** The time of day in the user's time zone, with seconds. */
function clock(milliseconds: number): string {
  const date = new Date(milliseconds);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((number) => String(number).padStart(2, "0")).join(":");
}
