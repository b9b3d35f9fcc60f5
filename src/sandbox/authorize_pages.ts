import { accounts } from "./accounts.ts";
import type { Attempt } from "./browser_sessions.ts";
import type { Answer, Context } from "./context.ts";
import { html, page } from "./html_page.ts";

/** The form for the user's name and password, filled in with the made-up ones. */
export function loginPage(
  context: Context,
  attempt: Attempt,
  error?: string,
): Promise<Answer> {
  const { preset, user, sessions } = context;
  return page(
    200,
    preset.name,
    "Log in",
    html`
      <h1>Log in</h1>
      <p
        class="faint">This emulates ${preset
          .name}’s login page. Use the practice user.</p>
      ${error === undefined
        ? ""
        : html`<p class="alert" role="alert">${error}</p>`}
      <form method="post" action="/login">
        <input type="hidden" name="attempt" value="${attempt.id}">
        <label>User name <input type="text" name="username" value="${user
          .name}" autocomplete="off" autocapitalize="none" spellcheck="false" required></label>
        <label>Password <input type="password" name="password" value="${user
          .password}" autocomplete="off" required></label>
        <p
          class="note">The practice user is <code>${user
            .name}</code> with the password <code>${user.password}</code>.</p>
        <div class="row"><button type="submit">Log in</button></div>
      </form>
    `,
    {
      headers: { "set-cookie": sessions.setCookie(attempt) },
      ...(error !== undefined && { reason: error }),
    },
  );
}

/** The page that asks which accounts the app may use. */
export function consentPage(
  context: Context,
  attempt: Attempt,
  error?: string,
): Promise<Answer> {
  const { preset, app } = context;
  return page(
    200,
    preset.name,
    "Allow access",
    html`
      <h1>Allow access to your accounts?</h1>
      <p>The app <code>${app
        .consumerKey}</code> asks to see these made-up accounts and to trade in them.</p>
      ${error === undefined
        ? ""
        : html`<p class="alert" role="alert">${error}</p>`}
      <form method="post" action="/consent">
        <input type="hidden" name="attempt" value="${attempt.id}">
        <fieldset>
      <legend>Accounts</legend>
      ${accounts.map(({ number, name, type }) =>
        html`
          <label
            class="account"><input type="checkbox" name="account" value="${number}" checked> <span><span>${name}</span> <small>…${number
              .slice(-3)} · ${type.toLowerCase()}</small></span></label>
        `
      )}</fieldset>
        <p
          class="faint">Your browser is then redirected to <code>${app
            .callbackUrl}</code></p>
        <div
          class="row"><button type="submit" name="decision" value="allow">Allow</button> <button class="quiet" type="submit" name="decision" value="deny">Deny</button></div>
      </form>
    `,
    {
      // Browsers apply form-action to redirects too, and the app's web page may
      // add some: any http or https URL.
      formAction: "'self' http: https:",
      ...(error !== undefined && { reason: error }),
    },
  );
}

/** An error page: the real broker's message, and the cause, which it does not give. */
export function errorPage(
  context: Context,
  status: number,
  title: string,
  reason: string,
): Promise<Answer> {
  return page(
    status,
    context.preset.name,
    title,
    html`
      <h1>${title}</h1>
      <p>The real broker says no more. The practice broker explains:</p>
      <p class="note" role="alert">${reason}</p>
      <p
        class="faint">Return to the program that sent you here, and start over.</p>
    `,
    { reason },
  );
}
