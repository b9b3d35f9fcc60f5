import type { HookEventName } from "./hook_event.ts";

/** What a hook does. */
export type HookAction =
  /** Runs a program: its name or absolute path, then its arguments. No shell sees them. */
  | { readonly run: readonly [string, ...string[]] }
  /** Shows a notification on the desktop. */
  | { readonly notify: true }
  /** Sends the event there. */
  | { readonly url: string };

/** One of the `hooks` in `config.json`. */
export type Hook = HookAction & {
  /** Its number in `config.json`, from 1, for messages. */
  readonly number: number;
  /** The events that it hears of. */
  readonly on: readonly HookEventName[];
  /** The profiles that it is about; `undefined` for all. */
  readonly profiles: readonly string[] | undefined;
};
