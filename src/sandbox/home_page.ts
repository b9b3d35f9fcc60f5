import type { Answer, Context } from "./context.ts";
import type { Controls } from "./control_endpoint.ts";
import { type Html, html, page } from "./html_page.ts";
import type { SandboxRequest } from "./sandbox_options.ts";

/** `/`: what this is, the settings to use, the clock, what is alive, the log. */
export function homePage(
  context: Context,
  controls: Controls,
): Promise<Answer> {
  const { preset, rules, app, user, ledger } = context;
  const alive = ledger.alive();
  const { url } = controls;
  const settings: [string, string | undefined][] = [
    ["Consumer key", app.consumerKey],
    ["Consumer secret", app.consumerSecret],
    ["Callback URL", app.callbackUrl],
    ["Authorization endpoint", url + preset.authorizePath],
    ["Token endpoint", url + preset.tokenPath],
    ["API origin", url],
    ["User name", user.name],
    ["Password", user.password],
  ];
  return page(
    200,
    preset.name,
    "Practice broker",
    html`
      <h1>Practice broker</h1>
      <p>It behaves like <strong>${preset
        .name}</strong>, with an app, a user, accounts and prices that are all made up. Nothing leaves this computer.</p>

      <h2>Settings to use</h2>
      <dl>
      ${settings.flatMap(([name, value]) =>
        value === undefined ? [] : [html`
          <dt>${name}</dt>
          <dd><code>${value}</code></dd>
        `]
      )}</dl>

      <h2>Clock and tokens</h2>
      <dl>
        <dt>Clock</dt>
        <dd>${moment(controls.now())}</dd>
        <dt>Valid tokens</dt>
        <dd>${count(alive.accessTokens, "access token")}, ${count(
          alive.refreshTokens,
          "refresh token",
        )}, ${count(alive.codes, "code")}</dd>
        <dt>Lifetimes</dt>
        <dd>access token ${span(
          rules.accessTokenLifetime,
        )}, refresh token ${span(
          rules.refreshTokenLifetime,
        )}${rules.broker === "schwab" ? " from the login" : ""}, code 30 s</dd>
        <dt>App status</dt>
        <dd>${rules.appStatus === "ready"
          ? "Ready For Use"
          : "Approved - Pending"}</dd>
      </dl>
      <div class="row">
      ${advanceButton(rules.accessTokenLifetime)}
      ${advanceButton(rules.refreshTokenLifetime)}
      <form method="post" action="/sandbox/revoke"><button class="quiet" type="submit">Revoke all tokens</button></form>
      </div>

      <h2>Requests</h2>
      ${requestTable(controls.requests)}

      <h2>API</h2>
      <pre><code>${commands(url).join("\n")}</code></pre>
    `,
    { wide: true },
  );
}

/** Not in the template above, where the formatter would indent them. */
function commands(url: string): string[] {
  return [
    `curl -X POST -H x-sandbox:1 '${url}/sandbox/advance?seconds=1800'`,
    `curl -X POST -H x-sandbox:1 ${url}/sandbox/revoke`,
    `curl --json '{"endpoint":"token","status":503,"times":2}' ${url}/sandbox/fail`,
    `curl ${url}/sandbox/requests`,
    `curl ${url}/sandbox/clock`,
  ];
}

function advanceButton(seconds: number): Html {
  return html`
    <form method="post"
      action="/sandbox/advance"><input type="hidden" name="seconds" value="${seconds}"><button class="quiet" type="submit">Advance the clock by ${span(
        seconds,
      )}</button></form>
  `;
}

function requestTable(requests: readonly SandboxRequest[]): Html {
  if (requests.length === 0) return html`<p class="faint">None yet.</p>`;
  const rows = requests.slice(-50).reverse().map((request) => {
    const { time, method, path, status, grantType, reason } = request;
    const good = status >= 200 && status < 400 && reason === undefined;
    return html`
      <tr>
        <td class="time">${moment(time).slice(11, 19)}</td>
        <td class="number ${good ? "ok" : "bad"}">${status ||
          "cut"}${status < 400 && status > 0 && !good ? " · refused" : ""}</td>
        <td>
          ${method} <code>${path}</code> ${grantType}
          <small>${reason}</small>
        </td>
      </tr>
    `;
  });
  return html`
    <table>
      <thead>
        <tr>
          <th>Time</th>
          <th>Answer</th>
          <th>Request, and why it was rejected</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    <p class="faint">The newest first, without tokens, codes and secrets.</p>
  `;
}

function moment(time: number): string {
  return new Date(time).toISOString().replace("T", " ").slice(0, 19) + " UTC";
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function span(seconds: number): string {
  for (
    const [unit, size] of [["day", 86_400], ["h", 3600], ["min", 60]] as const
  ) {
    if (seconds >= size && seconds % size === 0) {
      const number = seconds / size;
      return `${number} ${unit}${unit === "day" && number > 1 ? "s" : ""}`;
    }
  }
  return `${seconds} s`;
}
