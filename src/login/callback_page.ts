import {
  framePage,
  type PageContent,
  type RenderedPage,
} from "./page_frame.ts";
import { describeRejection } from "./pasted_url.ts";
import type { RedirectRejection } from "./redirect.ts";

/** What the page of each kind says first. */
export const TITLES = {
  success: "You are logged in",
  denied: "Access was denied",
  failed: "The login could not be completed",
  rejected: "This is from a different login",
  waiting: "Waiting for your broker",
  elsewhere: "This login is in another tab",
} as const satisfies Readonly<Record<CallbackPage["kind"], string>>;

const CLOSE = "You can close this tab.";

/** What the page at the callback URL shows. */
export type CallbackPage =
  | {
    readonly kind: "success";
    /** The broker's name. */
    readonly broker: string;
    /** The app's consumer key, masked by the caller. */
    readonly app: string;
    /** The profile, where there is more than one. */
    readonly profile?: string;
    /** When the user has to log in again; absent when unknown. */
    readonly nextLogin?: Date;
    /** The time of the login. @default now */
    readonly now?: Date;
  }
  | {
    readonly kind: "denied";
    readonly broker: string;
    readonly app: string;
    /** The broker's own words. */
    readonly description?: string;
  }
  | {
    readonly kind: "failed";
    readonly broker: string;
    readonly app: string;
    /** What went wrong, without a secret. */
    readonly message: string;
    /** What to do about it. */
    readonly hint?: string;
  }
  | {
    readonly kind: "rejected";
    readonly reason: RedirectRejection;
    /** When the login times out. */
    readonly until?: Date;
  }
  | {
    readonly kind: "waiting";
    /** When the login times out. */
    readonly until?: Date;
  }
  | { readonly kind: "elsewhere" };

/** The broker, app and profile. */
type Subject = Pick<
  Extract<CallbackPage, { kind: "success" }>,
  "broker" | "app" | "profile"
>;

/**
 * Renders the page for the browser at the callback URL.
 *
 * @param page What to show.
 * @returns The status, the document and its headers.
 */
export function renderCallbackPage(page: CallbackPage): Promise<RenderedPage> {
  return framePage(contentOf(page));
}

function contentOf(page: CallbackPage): PageContent {
  switch (page.kind) {
    case "success":
      return {
        status: 200,
        mark: "good",
        title: TITLES.success,
        body: [
          [`${page.broker} has granted tdauth access to your account.`],
          nextLogin(page),
        ],
        facts: factsOf(page),
        foot: CLOSE,
      };
    case "denied":
      return {
        status: 403,
        mark: "bad",
        title: TITLES.denied,
        body: [
          [`You or ${page.broker} denied access. Nothing was stored.`],
          ...(page.description
            ? [["The broker says: ", { quote: page.description }]]
            : []),
        ],
        facts: factsOf(page),
        foot: `${CLOSE} To try again, start a new login.`,
      };
    case "failed":
      return {
        status: 502,
        mark: "bad",
        title: TITLES.failed,
        body: [
          [sentence(page.message)],
          ...(page.hint
            ? [[{ strong: "What to do: " }, capital(page.hint)]]
            : []),
        ],
        facts: factsOf(page),
        foot: `${CLOSE} To try again, start a new login.`,
      };
    case "rejected":
      return {
        status: 400,
        mark: "bad",
        title: TITLES.rejected,
        body: [
          [`${sentence(describeRejection(page.reason))} Nothing was changed.`],
          ["If you are logging in, continue in the newest tab with your broker’s page: tdauth is still waiting. If not, another program or web page opened this address."],
          ...timeLimit(page.until),
        ],
        foot: CLOSE,
      };
    case "waiting":
      return {
        status: 400,
        mark: "wait",
        title: TITLES.waiting,
        body: [
          ["Your broker redirects you here at the end of the login. Nothing has arrived yet."],
          ["Continue in the tab with your broker’s page, or open the URL that tdauth shows."],
          ...timeLimit(page.until),
        ],
        foot: CLOSE,
      };
    case "elsewhere":
      return {
        status: 400,
        mark: "wait",
        title: TITLES.elsewhere,
        body: [
          ["Your broker has redirected another tab or browser here. That one shows how the login ends."],
        ],
        foot: CLOSE,
      };
  }
}

/** Says how long the login waits: after that a browser shows only that nothing answers here. */
function timeLimit(until: Date | undefined): PageContent["body"][number][] {
  if (until === undefined || !Number.isFinite(until.getTime())) return [];
  return [[
    "tdauth waits until ",
    { strong: clockOf(until) },
    ". After that this address refuses connections: start a new login then.",
  ]];
}

function factsOf({ broker, app, profile }: Subject): [string, string][] {
  return [
    ["Broker", broker],
    ["App", app],
    ...(profile === undefined
      ? []
      : [["Profile", profile] as [string, string]]),
  ];
}

/** A message of this project's grammar (lower case, no full stop) as a sentence. */
function sentence(text: string): string {
  const end = /[.!?]$/.test(text) ? "" : ".";
  return capital(text) + end;
}

/** A hint's end stays unchanged: it may be a command to copy. */
function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function nextLogin(
  page: Extract<CallbackPage, { kind: "success" }>,
): PageContent["body"][number] {
  const then = page.nextLogin;
  return then !== undefined && Number.isFinite(then.getTime())
    ? [
      "You will have to log in again ",
      { strong: whenFrom(page.now ?? new Date(), then) },
      ".",
    ]
    : [`${page.broker} does not state when this login expires.`];
}

/** "in 7 days, on Monday 30 November 2026 at 14:05", in local time. */
function whenFrom(now: Date, then: Date): string {
  const minutes = Math.max(0, (then.getTime() - now.getTime()) / 60_000);
  const date = `${DAYS[then.getDay()]} ${then.getDate()} ${
    MONTHS[then.getMonth()]
  } ${then.getFullYear()}`;
  const clock = clockOf(then);
  if (minutes < 90) return `in ${count(minutes, "minute")}, at ${clock}`;
  if (minutes < 36 * 60) {
    return `in ${count(minutes / 60, "hour")}, on ${date} at ${clock}`;
  }
  return `in ${count(minutes / 1440, "day")}, on ${date} at ${clock}`;
}

/** The time of day: `14:05`. */
function clockOf(date: Date): string {
  return `${date.getHours()}:${String(date.getMinutes()).padStart(2, "0")}`;
}

function count(amount: number, unit: string): string {
  const rounded = Math.round(amount);
  // A no-break space: on a phone the line would end between the two.
  return `${rounded}\u00a0${unit}${rounded === 1 ? "" : "s"}`;
}

// Not Intl: it costs 9 ms at its first use, while the browser waits.
const DAYS = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
