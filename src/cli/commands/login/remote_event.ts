import { TdauthError, type TdauthErrorCode } from "../../../base/errors.ts";
import { shown, shownJson } from "../../../base/shown.ts";
import type { StoredLogin } from "./tell.ts";
import { isObject } from "../../../token/token_text.ts";

/** Marks the lines of `tdauth login --remote`; a shell's profile may print others. */
const VERSION = 1;
/** How many characters of a text from the other machine are shown. */
const LONGEST_TEXT = 1000;

/** What `tdauth login --remote` says to the machine that it was called from, a line each. */
export type RemoteEvent =
  | {
    /** The user may log in. */
    readonly event: "ready";
    /** The provider's name. */
    readonly broker: string;
    /** The app's key, masked. */
    readonly app: string;
    /** The provider's page. */
    readonly authorization_url: string;
    /** The callback URL, as it was sent. */
    readonly callback_url: string;
  }
  | {
    /** The tokens are stored. */
    readonly event: "stored";
  }
    & StoredLogin
  | {
    /** There are no new tokens. */
    readonly event: "failed";
    /** The error's code. */
    readonly code: string;
    /** What could not be done, and why. */
    readonly message: string;
    /** What to do about it there. */
    readonly hint: string | null;
  };

/** An event of one kind. */
export type RemoteEventOf<Kind extends RemoteEvent["event"]> = Extract<
  RemoteEvent,
  { readonly event: Kind }
>;

/** Writes an event as a line. */
export function remoteEventLine(event: RemoteEvent): string {
  return `${shownJson(JSON.stringify({ tdauth: VERSION, ...event }))}\n`;
}

/**
 * Parses a line that comes from the other machine, which may be any text.
 *
 * @param line The line.
 * @returns The event, its texts fit to be shown in a line; nothing for any other line.
 */
export function parseRemoteEvent(line: string): RemoteEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(value) || value["tdauth"] !== VERSION) return undefined;
  const text = (name: string) => {
    const field = value[name];
    return typeof field === "string" ? shownLine(field) : undefined;
  };
  const number = (name: string) => {
    const field = value[name];
    return typeof field === "number" && Number.isFinite(field) ? field : null;
  };
  switch (value["event"]) {
    case "ready": {
      const [broker, app] = [text("broker"), text("app")];
      // Shown and opened only after checks of their own.
      const { authorization_url, callback_url } = value;
      return broker === undefined || app === undefined ||
          typeof authorization_url !== "string" ||
          typeof callback_url !== "string"
        ? undefined
        : { event: "ready", broker, app, authorization_url, callback_url };
    }
    case "stored": {
      const { outcome } = value;
      const [profile, provider] = [text("profile"), text("provider")];
      return profile === undefined || provider === undefined ||
          (outcome !== "new" && outcome !== "young" && outcome !== "other")
        ? undefined
        : {
          event: "stored",
          outcome,
          profile,
          provider,
          login_time: number("login_time"),
          login_needed_at: number("login_needed_at"),
        };
    }
    case "failed": {
      const [code, message] = [text("code"), text("message")];
      return code === undefined || message === undefined
        ? undefined
        : { event: "failed", code, message, hint: text("hint") ?? null };
    }
  }
  return undefined;
}

/** The error's code as it is known here: the other machine may name any. */
function knownCode(code: string): TdauthErrorCode {
  switch (code) {
    case "invalid_options":
      return "invalid_options";
    case "invalid_client":
      return "invalid_client";
    case "login_denied":
      return "login_denied";
    case "login_timeout":
      return "login_timeout";
    case "login_cancelled":
      return "login_cancelled";
    case "broker_unavailable":
      return "broker_unavailable";
    case "unexpected_answer":
      return "unexpected_answer";
    case "busy":
      return "busy";
    case "cache_unreadable":
      return "cache_unreadable";
    case "cache_corrupt":
      return "cache_corrupt";
    case "cache_sealed":
      return "cache_sealed";
  }
  return "login_failed";
}

/**
 * Makes the error of a login that failed on the other machine.
 *
 * @param event What it said.
 * @param host What the machine is called.
 * @returns The error; its hint says where to act on it.
 */
export function remoteError(
  { code, message, hint }: RemoteEventOf<"failed">,
  host: string,
): TdauthError {
  const why = message.charAt(0).toLowerCase() + message.slice(1);
  return new TdauthError(knownCode(code), `Cannot log in on ${host}: ${why}`, {
    ...(hint !== null && { hint: `on ${host}: ${hint}` }),
  });
}

/** A text from elsewhere in a line. */
function shownLine(text: string): string {
  return shown(text).replace(/[\r\n\t]+/g, " ").slice(0, LONGEST_TEXT);
}
