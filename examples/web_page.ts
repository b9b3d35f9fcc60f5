/** The pages of the web application: its own HTML and CSS, no scripts, no external resources. */

/** The displayed fields of an account. */
export interface Account {
  readonly securitiesAccount: {
    readonly accountId: string;
    readonly type: string;
    readonly currentBalances: {
      readonly cashBalance: number;
      readonly equity: number;
    };
  };
}

/** The displayed fields of a quote. */
export interface Quote {
  readonly symbol: string;
  readonly description: string;
  readonly lastPrice: number;
  readonly netChange: number;
}

/** Text that is already markup. */
class Html {
  constructor(readonly text: string) {}
}

/** Returns markup with every value escaped: a broker's texts are untrusted. */
function html(parts: TemplateStringsArray, ...values: unknown[]): Html {
  const texts = values.flatMap((value, i) => [
    ...[value].flat().map((item) =>
      item instanceof Html ? item.text : String(item).replace(
        /[&<>"']/g,
        (character) => `&#${character.charCodeAt(0)};`,
      )
    ),
    parts[i + 1] ?? "",
  ]);
  return new Html((parts[0] ?? "") + texts.join(""));
}

/** Renders the page for a user who is not, or no longer, logged in. */
export function welcome(login: string, ended: boolean): Html {
  return html`
    <main class="card">
      <h1>${ended
        ? "Your session has ended"
        : "Your accounts, in one place"}</h1>
      <p>${ended
        ? "Log in again to continue where you left off."
        : "See your balances and the quotes that you follow. You log in at your broker: this site never sees your password."}</p>
      <p><a class="button" href="${login}">Log in</a></p>
    </main>
  `;
}

/** Renders a page with one message and one link. */
export function notice(title: string, text: string, href: string): Html {
  return html`
    <main class="card">
      <h1>${title}</h1>
      <p>${text}</p>
      <p><a class="button" href="${href}">${text === ""
        ? "Home"
        : "Try again"}</a></p>
    </main>
  `;
}

/** Renders the page of a logged-in user. Times are in seconds, `now` is in milliseconds. */
export function dashboard(
  { accounts, quotes, symbols, renewed, due, now, logout }: {
    readonly accounts: readonly Account[];
    readonly quotes: readonly Quote[];
    readonly symbols: readonly string[];
    readonly renewed: number;
    readonly due: number;
    readonly now: number;
    readonly logout: string;
  },
): Html {
  const own = accounts.map(({ securitiesAccount }) => securitiesAccount);
  const total = own.reduce(
    (sum, { currentBalances }) => sum + currentBalances.equity,
    0,
  );
  return html`
    <header>
      <div><small>Total</small><h1>${money(total)}</h1></div>
      <form method="post"
        action="${logout}"><button class="quiet">Log out</button></form>
    </header>
    <main>
      <section aria-label="Accounts" class="accounts">${own.map((
        { accountId, type, currentBalances },
      ) =>
        html`
          <article class="card">
            <h2>${type === "CASH"
              ? "Cash account"
              : "Margin account"} <span>…${accountId.slice(-4)}</span></h2>
            <p class="amount">${money(currentBalances.equity)}</p>
            <p class="soft">${money(currentBalances.cashBalance)} in cash</p>
          </article>
        `
      )}</section>
      <section class="card">
        <h2>Quotes</h2>
        <form class="ask">
          <label for="symbols">Symbols</label>
          <input id="symbols" name="symbols" value="${symbols.join(
            " ",
          )}" maxlength="120" autocomplete="off" autocapitalize="characters" spellcheck="false">
          <button>Show</button>
        </form>
        ${quotes.length === 0 ? html`<p class="soft">No prices.</p>` : ""}
        <table>${quotes.map(({ symbol, description, lastPrice, netChange }) =>
          html`
            <tr>
              <th scope="row">${symbol}<small>${description}</small></th>
              <td>${money(lastPrice)}</td>
              <td class="${netChange < 0 ? "down" : "up"}">${netChange < 0
                ? "▼"
                : "▲"} ${Math.abs(netChange).toFixed(2)}</td>
            </tr>
          `
        )}</table>
      </section>
      <section class="card">
        <h2>Your login</h2>
        <dl>
          <dt>Access</dt>
          <dd>renews automatically in ${span(renewed)}</dd>
          <dt>Next login</dt>
          <dd>${Number.isFinite(due)
            ? html`due in <strong>${span(due)}</strong>, by ${
              date(now + due * 1000)
            }`
            : "when the broker requires it"}</dd>
        </dl>
      </section>
    </main>
  `;
}

function money(amount: number): string {
  return amount.toLocaleString("en-US", { style: "currency", currency: "USD" });
}

function date(time: number): string {
  return new Date(time).toLocaleDateString("en-GB", {
    dateStyle: "full",
    timeZone: "UTC",
  });
}

/** Formats a duration: "29 minutes", "7 days". */
function span(seconds: number): string {
  const [amount, unit] = seconds < 5400
    ? [seconds / 60, "minute"]
    : seconds < 129_600
    ? [seconds / 3600, "hour"]
    : [seconds / 86_400, "day"];
  const rounded = Math.max(1, Math.round(amount));
  return `${rounded} ${unit}${rounded === 1 ? "" : "s"}`;
}

/** Sends a page, which can load and run nothing but its own style. */
export async function respond(
  status: number,
  body: Html,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(STYLE),
  );
  const style = btoa(String.fromCharCode(...new Uint8Array(digest)));
  const page = html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Accounts</title>
        <style>${new Html(STYLE)}</style>
      </head>
      <body>${body}
    <footer>An example of tdauth, with a practice broker and made-up numbers.</footer>
      </body>
    </html>
  `;
  return new Response(page.text, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        `default-src 'none'; style-src 'sha256-${style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      // No page stays in the browser's cache, where the back button would show it after a logout.
      "cache-control": "no-store",
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
      ...headers,
    },
  });
}

const STYLE = `
:root{color-scheme:light dark;--page:#f3f5f4;--card:#fff;--text:#17211c;--soft:#5a6861;--line:#dbe2de;--accent:#0d6b4f;--on:#fff;--up:#12734f;--down:#b3261e}
@media(prefers-color-scheme:dark){:root{--page:#0f1412;--card:#181f1c;--text:#e7edea;--soft:#9aa8a1;--line:#2d3833;--accent:#5fd0a5;--on:#06251a;--up:#5fd0a5;--down:#ff8b80}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:52rem;min-height:100vh;display:flex;flex-direction:column;padding:2rem 1.25rem 1rem;background:var(--page);color:var(--text);font:1.0625rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums}
header{display:flex;justify-content:space-between;align-items:end;gap:1rem;margin-bottom:1.5rem}
h1{margin:0;font-size:2.1rem;line-height:1.2;letter-spacing:-.02em}
h2{margin:0 0 .75rem;font-size:1.05rem}
h2 span,small,.soft,footer,dt{color:var(--soft);font-weight:400}
small{display:block;font-size:.875rem}
p{margin:.5rem 0}
.card{padding:1.5rem;background:var(--card);border:1px solid var(--line);border-radius:14px;margin-bottom:1rem;overflow-wrap:anywhere}
main>.card>:last-child,.accounts .card>:last-child{margin-bottom:0}
main.card{max-width:32rem;width:100%;margin:auto;padding:2.5rem}
main.card h1{font-size:1.7rem;margin-bottom:.75rem}
main.card p+p{margin-top:1.5rem}
.accounts{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:0 1rem}
.amount{font-size:1.5rem;font-weight:600}
.button,button{display:inline-block;font:inherit;font-weight:600;padding:.6rem 1.2rem;border:1px solid var(--accent);border-radius:9px;background:var(--accent);color:var(--on);text-decoration:none;cursor:pointer}
.quiet{background:none;color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.ask{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center;margin-bottom:.75rem}
.ask label{color:var(--soft);font-size:.9rem;flex:0 0 100%}
.ask input{flex:1 1 10rem;min-width:0;font:inherit;color:inherit;padding:.6rem .75rem;border:1px solid var(--soft);border-radius:9px;background:var(--page)}
table{border-collapse:collapse;width:100%}
th,td{padding:.6rem 0;border-top:1px solid var(--line);text-align:right;white-space:nowrap;vertical-align:top}
th{text-align:left;white-space:normal}
td{padding-left:1rem}
.up{color:var(--up)}.down{color:var(--down)}
dl{display:grid;grid-template-columns:7rem 1fr;gap:.35rem 1rem;margin:0}dd{margin:0}
footer{margin-top:auto;padding-top:1.5rem;font-size:.875rem;text-align:center}
@media(max-width:30rem){body{padding:1.25rem .875rem .75rem}h1{font-size:1.8rem}.card{padding:1.25rem}main.card{padding:1.75rem 1.25rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}
`;
