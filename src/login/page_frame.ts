/** The frame around a page's content: one card, light or dark, for any screen. */

/** A text, which is escaped, and how it stands out. */
export type PageText =
  | string
  | { readonly strong: string }
  | { readonly quote: string };

/** The content of a page. */
export interface PageContent {
  /** The HTTP status. */
  readonly status: number;
  /** The mark at the top: a tick, an exclamation mark, or a clock. */
  readonly mark: "good" | "bad" | "wait";
  /** The heading. */
  readonly title: string;
  /** Paragraphs, each of one or more texts. */
  readonly body: readonly (readonly PageText[])[];
  /** Names and values. */
  readonly facts?: readonly (readonly [name: string, value: string])[];
  /** Where the page leads, on a page of an application. */
  readonly action?: { readonly href: string; readonly text: string };
  /** The last line. */
  readonly foot: string;
}

/** A page ready to be sent. */
export interface RenderedPage {
  /** The HTTP status. */
  readonly status: number;
  /** The document. */
  readonly html: string;
  /** The headers to send it with. */
  readonly headers: Headers;
}

/**
 * Headers of every response of the callback server: it is not stored, sends no
 * referrer, loads nothing, and cannot be framed.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "content-security-policy":
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/**
 * Renders a page that stands alone: it loads nothing, runs nothing, and shows
 * every text as plain text.
 *
 * @param content What to show.
 * @returns The status, the document and its headers.
 */
export async function framePage(content: PageContent): Promise<RenderedPage> {
  const { status, mark, body, facts = [], action } = content;
  const title = escapeHtml(content.title);
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
${body.map((texts) => `<p>${texts.map(markup).join("")}</p>`).join("\n")}
${facts.length > 0 ? `<dl>${facts.map(fact).join("")}</dl>` : ""}
${action === undefined ? "" : link(action)}<p class="foot">${
    escapeHtml(content.foot)
  }</p>
</main>
</body>
</html>
`;
  return { status, html, headers: await pageHeaders() };
}

function markup(text: PageText): string {
  if (typeof text === "string") return escapeHtml(text);
  return "strong" in text
    ? `<strong>${escapeHtml(text.strong)}</strong>`
    : `<q>${escapeHtml(text.quote)}</q>`;
}

function link({ href, text }: { href: string; text: string }): string {
  return `<p><a href="${escapeHtml(href)}">${escapeHtml(text)}</a></p>\n`;
}

function fact([name, value]: readonly [string, string]): string {
  return `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`;
}

function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

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

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(text),
  );
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

let styleHash: Promise<string> | undefined;

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
a{color:var(--wait)}
.foot{margin:1.5rem 0 0;color:var(--soft)}
@media(max-width:30rem){body{padding:.75rem;place-items:start stretch}main{padding:1.5rem 1.25rem}}
`;
