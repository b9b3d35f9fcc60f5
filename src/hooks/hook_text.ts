import { commandLine, withProfile } from "../base/hint.ts";
import type { HookEvent } from "./hook_event.ts";

/** An event in words. */
export interface HookText {
  /** What has happened, in a few words. */
  readonly title: string;
  /** Whose account it is, and what to do. */
  readonly message: string;
}

/**
 * Describes an event for a person, who may be far from the machine.
 *
 * @param event The event.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The words, on one line each.
 */
export function hookText(event: HookEvent, now: number): HookText {
  const { profile, provider, due } = event;
  const account = profile === "default"
    ? provider
    : `${provider}, profile ${profile}`;
  const login = commandLine(["tdauth"], withProfile(["login"], profile));
  const doctor = commandLine(["tdauth"], withProfile(["doctor"], profile));
  const by = due === undefined ? "" : ` by ${dateOf(due)}`;
  const next = due === undefined ? "" : `; the next login is due${by}`;
  switch (event.event) {
    case "login_due":
      return {
        title: due === undefined
          ? "Login due soon"
          : `Login due in ${roughly(due - now / 1000)}`,
        message: `${account}: log in${by}: ${login}`,
      };
    case "login_needed":
      return {
        title: "Login needed",
        message: `${account}: nothing works until you log in: ${login}`,
      };
    case "logged_in":
      return { title: "Logged in", message: `${account}: logged in${next}` };
    case "refreshed":
      return {
        title: "New access token",
        message: `${account}: there is a new access token${next}`,
      };
    case "refresh_failed":
      return {
        title: "Refreshes fail",
        message:
          `${account}: three refreshes in a row have failed; see why: ${doctor}`,
      };
  }
}

/** On another device the user does not know this machine's time zone: `Tue Dec 01 2026 14:00 GMT+0100`. */
function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toString()
    .replace(/^(.*\d\d:\d\d):\d\d (GMT[+-]\d{4}).*$/, "$1 $2");
}

function roughly(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 120) return `${minutes} minute${minutes === 1 ? "" : "s"}`;
  return `${Math.round(minutes / 60)} hours`;
}
