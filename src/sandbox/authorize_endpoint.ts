import { accounts } from "./accounts.ts";
import { consentPage, errorPage, loginPage } from "./authorize_pages.ts";
import type { Attempt } from "./browser_sessions.ts";
import { type Answer, type Context, repeated } from "./context.ts";
import type { HttpRequest } from "./http_server.ts";

/** The start for the user's browser: `/v1/oauth/authorize` or `/auth`. */
export function authorizeEndpoint(
  context: Context,
  request: HttpRequest,
): Promise<Answer> {
  const wrong = whatIsWrong(context, request.query);
  return wrong === undefined
    ? loginPage(
      context,
      context.sessions.begin(request.headers, request.query.get("state")),
    )
    : errorPage(context, 403, "Access Denied", wrong);
}

function whatIsWrong(
  { app, clientId }: Context,
  query: URLSearchParams,
): string | undefined {
  const twice = repeated(query);
  if (twice !== undefined) return `${twice} is repeated`;
  const id = query.get("client_id");
  if (id !== clientId) {
    // Not the input: it may be the secret, and this is logged.
    return id !== null && id !== "" && clientId.startsWith(`${id}@`)
      ? `client_id lacks ${clientId.slice(id.length)}`
      : `client_id is ${id === null ? "missing" : "wrong"}, the app's is ${
        quoted(clientId)
      }`;
  }
  // Compared as a string: a trailing slash, HTTPS:// or localhost for 127.0.0.1
  // ends in "Access Denied", as observed by clients' users.
  const uri = query.get("redirect_uri");
  if (uri !== app.callbackUrl) {
    return `redirect_uri is ${
      quoted(uri)
    }, but the registered callback URL is ${quoted(app.callbackUrl)}`;
  }
  const type = query.get("response_type");
  if (type !== "code") return `response_type is ${quoted(type)}, not "code"`;
}

function quoted(value: string | null): string {
  return value === null ? "missing" : `"${value.slice(0, 200)}"`;
}

/** Handles the login form. */
export function loginForm(
  context: Context,
  request: HttpRequest,
): Promise<Answer> | Answer {
  const form = new URLSearchParams(request.body);
  const attempt = context.sessions.find(request.headers, form.get("attempt"));
  if (attempt === undefined) return lost(context);
  const { user, rules, sessions } = context;
  if (
    form.get("username") !== user.name ||
    form.get("password") !== user.password
  ) {
    return loginPage(
      context,
      attempt,
      "the user name or the password is wrong",
    );
  }
  if (rules.appStatus === "pending") {
    sessions.end(attempt);
    // Word for word what users of an app that is "Approved - Pending" report;
    // the status is theirs too.
    return errorPage(
      context,
      500,
      "We are unable to complete your request. Please contact customer service for further assistance.",
      'the app is still "Approved - Pending", not yet "Ready For Use"',
    );
  }
  sessions.logIn(attempt);
  return redirect(`/consent?attempt=${attempt.id}`, {
    "set-cookie": sessions.setCookie(attempt),
  });
}

/** Shows the consent page and handles its form. */
export function consentForm(
  context: Context,
  request: HttpRequest,
): Promise<Answer> | Answer {
  const form = request.method === "POST"
    ? new URLSearchParams(request.body)
    : request.query;
  const attempt = context.sessions.find(request.headers, form.get("attempt"));
  if (attempt === undefined || !attempt.loggedIn) return lost(context);
  if (request.method !== "POST") return consentPage(context, attempt);
  if (form.get("decision") === "deny") {
    context.sessions.end(attempt);
    // RFC 6749 §4.1.2.1; what the real brokers send is a guess.
    return redirect(callback(context, attempt, ["error=access_denied"]));
  }
  const chosen = accounts.map(({ number }) => number)
    .filter((number) => form.getAll("account").includes(number));
  if (form.get("decision") !== "allow" || chosen.length === 0) {
    return consentPage(context, attempt, "choose at least one account");
  }
  context.sessions.end(attempt);
  const code = encodeURIComponent(context.ledger.newCode(chosen).value);
  return redirect(
    callback(context, attempt, [
      `code=${code}`,
      ...(context.rules.broker === "schwab"
        ? [`session=${crypto.randomUUID()}`]
        : []),
    ]),
  );
}

function lost(context: Context): Promise<Answer> {
  return errorPage(
    context,
    403,
    "Session rejected",
    "this login was started in another browser, is finished, or has expired",
  );
}

/** Returns the callback URL unchanged, with parameters appended. */
function callback(
  { app: { callbackUrl } }: Context,
  { state }: Attempt,
  parameters: readonly string[],
): string {
  const all = state === null
    ? parameters
    : [...parameters, `state=${encodeURIComponent(state)}`];
  // Registered without a path, Schwab's redirect still has one: /?code=…
  const bare = /^https?:\/\/[^/?#]+$/i.test(callbackUrl);
  return callbackUrl + (bare ? "/" : "") +
    (callbackUrl.includes("?") ? "&" : "?") + all.join("&");
}

function redirect(
  location: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status: 303,
    headers: { location, "cache-control": "no-store", ...headers },
    body: "",
  };
}
