import { describeRejection, type PasteRejection } from "./pasted_url.ts";

/** What the browser is told at the callback URL. */
export type CallbackPage =
  | {
    readonly kind: "success";
    /** The broker's name. */
    readonly broker: string;
    /** The app's consumer key, masked by the caller. */
    readonly app: string;
    /** The profile, where there is more than one. */
    readonly profile?: string;
    /** When the user has to log in again; absent when nobody knows. */
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
  | { readonly kind: "rejected"; readonly reason: PasteRejection }
  | { readonly kind: "waiting" };

/** A page ready to be sent. */
export interface RenderedPage {
  readonly status: number;
  readonly html: string;
  readonly headers: Headers;
}

interface Content {
  readonly status: number;
  readonly mark: "good" | "bad" | "wait";
  readonly title: string;
  /** Paragraphs, escaped already. */
  readonly body: readonly string[];
  readonly facts?: readonly (readonly [string, string])[];
  readonly foot: string;
}

/**
 * Renders a page that stands alone: it loads nothing, runs nothing, and shows
 * every text of others as plain text.
 *
 * @param page What to say.
 * @returns The status, the page and the headers to send it with.
 */
export async function renderCallbackPage(
  page: CallbackPage,
): Promise<RenderedPage> {
  const { status, mark, title, body, facts = [], foot } = contentOf(page);
  const html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – tdauth</title>
<style>${STYLE}</style>
</head>
<body>
<main class="${mark}">
<svg class="mark" viewBox="0 0 48 48" width="48" height="48" aria-hidden="true"><circle cx="24" cy="24" r="24"/><path d="${
    MARKS[mark]
  }"/></svg>
<h1>${title}</h1>
${body.map((paragraph) => `<p>${paragraph}</p>`).join("\n")}
${
    facts.length === 0
      ? ""
      : `<dl>${
        facts.map(([name, value]) =>
          `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`
        ).join("")
      }</dl>`
  }
<p class="foot">${foot}</p>
</main>
</body>
</html>
`;
  return { status, html, headers: await pageHeaders() };
}

/**
 * What every answer of the callback server says: it is kept by nobody, tells
 * nobody the address, loads nothing, and is framed by nobody.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "content-security-policy":
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

async function pageHeaders(): Promise<Headers> {
  styleHash ??= sha256(STYLE);
  const headers = new Headers(PAGE_HEADERS);
  headers.set("content-type", "text/html; charset=utf-8");
  headers.set(
    "content-security-policy",
    `${
      headers.get("content-security-policy")
    }; style-src 'sha256-${await styleHash}'`,
  );
  return headers;
}

function contentOf(page: CallbackPage): Content {
  switch (page.kind) {
    case "success": {
      const broker = escapeHtml(page.broker);
      return {
        status: 200,
        mark: "good",
        title: "You are logged in",
        body: [
          `${broker} has given tdauth access to your account.`,
          page.nextLogin
            ? `You will have to log in again <strong>${
              whenFrom(page.now ?? new Date(), page.nextLogin)
            }</strong>.`
            : `${broker} does not say how long this login lasts.`,
        ],
        facts: factsOf(page),
        foot: "You may close this tab.",
      };
    }
    case "denied":
      return {
        status: 403,
        mark: "bad",
        title: "Access was not given",
        body: [
          `You, or ${
            escapeHtml(page.broker)
          } for you, did not agree. Nothing was stored.`,
          ...(page.description
            ? [`The broker says: <q>${escapeHtml(page.description)}</q>`]
            : []),
        ],
        facts: factsOf(page),
        foot: "You may close this tab. To try again, start the login again.",
      };
    case "failed":
      return {
        status: 502,
        mark: "bad",
        title: "The login could not be completed",
        body: [
          `${escapeHtml(page.message)}.`,
          ...(page.hint ? [`What to do: ${escapeHtml(page.hint)}.`] : []),
        ],
        facts: factsOf(page),
        foot: "You may close this tab.",
      };
    case "rejected":
      return {
        status: 400,
        mark: "bad",
        title: "This does not belong to the login that is running",
        body: [
          `The address of this page was not accepted: ${
            describeRejection(page.reason)
          }.`,
          "If you started a login, it goes on: continue in its own tab, or start it again. If you did not, somebody else made this page open, and nothing was changed by it.",
        ],
        foot: "You may close this tab.",
      };
    case "waiting":
      return {
        status: 400,
        mark: "wait",
        title: "Waiting for your broker",
        body: [
          "Your broker sends you to this address at the end of the login. Nothing has arrived yet.",
          "Go on in the tab with your broker’s page, or open the address that tdauth shows.",
        ],
        foot: "You may close this tab.",
      };
  }
}

function factsOf(
  page: { broker: string; app: string; profile?: string },
): readonly (readonly [string, string])[] {
  return [
    ["Broker", page.broker],
    ["App", page.app],
    ...(page.profile === undefined ? [] : [["Profile", page.profile] as const]),
  ];
}

/** "in 7 days, on Monday 30 November 2026", in local time. */
function whenFrom(now: Date, then: Date): string {
  const minutes = Math.max(0, (then.getTime() - now.getTime()) / 60_000);
  const date = `${DAYS[then.getDay()]} ${then.getDate()} ${
    MONTHS[then.getMonth()]
  } ${then.getFullYear()}`;
  const clock = `${then.getHours()}:${
    String(then.getMinutes()).padStart(2, "0")
  }`;
  if (minutes < 90) return `in ${count(minutes, "minute")}, at ${clock}`;
  if (minutes < 36 * 60) {
    return `in ${count(minutes / 60, "hour")}, on ${date} at ${clock}`;
  }
  return `in ${count(minutes / 1440, "day")}, on ${date}`;
}

function count(amount: number, unit: string): string {
  const rounded = Math.round(amount);
  return `${rounded} ${unit}${rounded === 1 ? "" : "s"}`;
}

function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(text),
  );
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

let styleHash: Promise<string> | undefined;

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

const MARKS = {
  good: "M14 25l7 7 13-15",
  bad: "M24 13v14M24 33.5v1",
  wait: "M24 13v11l7 5",
} as const;

const STYLE = `
:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--text:#1b1f24;--soft:#57606a;--line:#d8dee4;--good:#1a7f37;--bad:#b42318;--wait:#0a5fb4}
@media(prefers-color-scheme:dark){:root{--page:#0f1216;--card:#191d23;--text:#e8ebef;--soft:#9aa4af;--line:#313840;--good:#3fb950;--bad:#ff7b72;--wait:#6cb6ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.25rem;background:var(--page);color:var(--text);font:1.0625rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:34rem;padding:2.25rem;background:var(--card);border:1px solid var(--line);border-radius:14px}
.good{--mark:var(--good)}.bad{--mark:var(--bad)}.wait{--mark:var(--wait)}
.mark circle{fill:var(--mark)}.mark path{fill:none;stroke:var(--card);stroke-width:4;stroke-linecap:round;stroke-linejoin:round}
h1{margin:1rem 0 .5rem;font-size:1.6rem;line-height:1.25}
p{margin:.5rem 0;overflow-wrap:anywhere}
dl{margin:1.5rem 0 0;border-top:1px solid var(--line)}
dl div{display:flex;gap:1rem;padding:.55rem 0;border-bottom:1px solid var(--line)}
dt{flex:0 0 5.5rem;color:var(--soft)}dd{margin:0;min-width:0;overflow-wrap:anywhere}
.foot{margin:1.5rem 0 0;color:var(--soft)}
@media(max-width:30rem){body{padding:.75rem;place-items:start stretch}main{padding:1.5rem 1.25rem}}
`;
