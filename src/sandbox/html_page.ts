import type { Answer } from "./context.ts";

/** Text that is safe to put into a template of {@linkcode html}. */
export class Html {
  constructor(readonly text: string) {}
}

/** A piece of HTML: what is put into it is escaped, unless it is a piece itself. */
export function html(parts: TemplateStringsArray, ...values: unknown[]): Html {
  let text = parts[0] ?? "";
  values.forEach((value, i) => {
    text += [value].flat().map((item) =>
      item instanceof Html ? item.text : escape(String(item ?? ""))
    ).join("") + (parts[i + 1] ?? "");
  });
  return new Html(text);
}

function escape(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

const STYLE = `
:root { color-scheme: light dark; --ground: #eef1f4; --card: #fff; --ink: #1c2733; --faint: #5b6875; --line: #d5dce3; --field: #fff; --accent: #0b5cad; --on-accent: #fff; --warn: #7a4a00; --warn-ground: #fff3d6; --bad: #a4161a; --bad-ground: #fdebec; --good: #17693a; }
@media (prefers-color-scheme: dark) { :root { --ground: #12171d; --card: #1b222b; --ink: #e6ebf0; --faint: #9dabb8; --line: #33404c; --field: #141a21; --accent: #6cb2ff; --on-accent: #08233f; --warn: #ffd98a; --warn-ground: #3a2e12; --bad: #ff9a9d; --bad-ground: #3d1b1e; --good: #7fd8a1; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.banner { background: var(--warn-ground); color: var(--warn); padding: .6rem 1rem; text-align: center; font-size: .9rem; }
main { max-width: 27rem; margin: 2.5rem auto; padding: 1.75rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
main.wide { max-width: 62rem; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 .4rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0 1rem; }
small, .faint { color: var(--faint); font-size: .9rem; }
label { display: block; margin: .9rem 0; font-weight: 600; }
input[type=text], input[type=password] { display: block; width: 100%; margin-top: .3rem; padding: .6rem .7rem; font: inherit; font-weight: 400; color: inherit; background: var(--field); border: 1px solid var(--faint); border-radius: 7px; }
fieldset { border: 0; margin: 1rem 0; padding: 0; }
legend { font-weight: 600; padding: 0; }
.account { display: flex; gap: .7rem; align-items: center; margin: .5rem 0; padding: .7rem .8rem; border: 1px solid var(--line); border-radius: 8px; font-weight: 400; }
.account input { width: 1.1rem; height: 1.1rem; margin: 0; accent-color: var(--accent); }
.account span { display: block; }
button { font: inherit; font-weight: 600; padding: .6rem 1.1rem; border-radius: 7px; border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); cursor: pointer; }
button.quiet { background: transparent; color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.row { display: flex; flex-wrap: wrap; gap: .7rem; align-items: center; margin-top: 1.2rem; }
.row form { margin: 0; }
.alert::first-letter { text-transform: uppercase; }
.alert { padding: .7rem .9rem; border-radius: 8px; background: var(--bad-ground); color: var(--bad); }
.note { padding: .7rem .9rem; border-radius: 8px; background: var(--warn-ground); color: var(--warn); font-size: .92rem; overflow-wrap: anywhere; }
code { font: .9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { margin: .5rem 0; padding: .8rem; overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--field); }
pre code { white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: 13rem 1fr; gap: .35rem 1.2rem; margin: .5rem 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .4rem .7rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--faint); font-weight: 600; }
td small { display: block; overflow-wrap: anywhere; }
td.time, td.number { width: 1%; white-space: nowrap; font-variant-numeric: tabular-nums; }
.ok { color: var(--good); } .bad { color: var(--bad); }
@media (max-width: 34rem) { body { background: var(--card); } main, main.wide { margin: 0; border: 0; border-radius: 0; padding: 1.25rem 1rem; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } .row form, button { flex: 1 1 auto; } .row form button { width: 100%; } }
`;

let styleHash: Promise<string> | undefined;

async function hashOfStyle(): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(STYLE),
  );
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

/** A page that says at its top that it is not the real broker's. */
export async function page(
  status: number,
  broker: string,
  title: string,
  body: Html,
  options: {
    readonly wide?: boolean;
    readonly formAction?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly reason?: string;
  } = {},
): Promise<Answer> {
  const text = html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>${title} · practice broker</title>
        <style>${new Html(STYLE)}</style>
      </head>
      <body>
        <div
          class="banner"><strong>Practice broker.</strong> This is not ${broker}: it runs on your own computer, for tests. Never type a real password here.</div>
        <main${new Html(options.wide ? ' class="wide"' : "")}>
    ${body}
    </main>
    </body>
    </html>
  `.text;
  styleHash ??= hashOfStyle();
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy":
        `default-src 'none'; style-src 'sha256-${await styleHash}'; form-action ${
          options.formAction ?? "'self'"
        }; base-uri 'none'; frame-ancestors 'none'`,
      // Not no-referrer: it would turn a form's Origin into null, which is checked.
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
      ...options.headers,
    },
    body: text,
    ...(options.reason !== undefined && { reason: options.reason }),
  };
}
