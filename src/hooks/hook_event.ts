/** One row of the table of events. */
interface EventRow {
  /** What has happened, in a line without a period. */
  readonly help: string;
  /** Whether a hook without `on` hears of it: what happens every half hour would drown the rest. */
  readonly byDefault: boolean;
}

/** Everything that a hook can be told of: the one table of events. */
export const HOOK_EVENTS = {
  login_due: {
    help: "the next login is due in 48 hours, 24 hours or 2 hours",
    byDefault: true,
  },
  login_needed: {
    help: "nothing works without a login",
    byDefault: true,
  },
  logged_in: {
    help: "a login has taken place",
    byDefault: true,
  },
  refreshed: {
    help: "there is a new access token, from the same login",
    byDefault: false,
  },
  refresh_failed: {
    help: "three refreshes in a row have failed",
    byDefault: true,
  },
} as const satisfies Readonly<Record<string, EventRow>>;

/** The name of an event. */
export type HookEventName = keyof typeof HOOK_EVENTS;

/** The names of all events, in the table's order. */
export const HOOK_EVENT_NAMES: readonly HookEventName[] = Object.keys(
  HOOK_EVENTS,
).filter(isHookEventName);

/** What hooks are told. It has no place for a token. */
export interface HookEvent {
  /** What has happened. */
  readonly event: HookEventName;
  /** The profile. */
  readonly profile: string;
  /** What settings call the provider: `schwab`. */
  readonly provider: string;
  /** When the next login is due, or was, in seconds since the epoch; `undefined` when that is unknown. */
  readonly due: number | undefined;
}

/** Whether a text is the name of an event. */
export function isHookEventName(text: unknown): text is HookEventName {
  return typeof text === "string" && Object.hasOwn(HOOK_EVENTS, text);
}
