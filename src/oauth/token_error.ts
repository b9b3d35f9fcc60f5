import type { LoginNeededError } from "../providers/provider.ts";

/**
 * What the body of an answer is: JSON or a form that names an error or has a
 * message (`reason`), JSON without one (`json`), nothing, a web page, other text.
 */
export type AnswerContent = "reason" | "json" | "empty" | "page" | "text";

/** An answer of the token endpoint that has no tokens. */
export interface TokenAnswer {
  /** The HTTP status; 400 for an error in an answer with status 200. */
  readonly status: number;
  /** What its body is. */
  readonly content: AnswerContent;
  /** Its error code, where it names one. */
  readonly error?: string;
  /** Its words for people, where it has any. */
  readonly description?: string;
  /** All of it, where it is short and neither JSON nor a form nor a page: only the provider's own rules look at it. */
  readonly text?: string;
  /** Whether it asks for HTTP Basic (RFC 6749 §5.2). @default {false} */
  readonly challenged?: boolean;
}

/**
 * What such an answer means.
 *
 * - `login_needed`: the refresh token is dead.
 * - `refused`: the refresh token is dead as far as one can tell; the answer does not say so.
 * - `doubtful`: the refresh token may be dead, or something on the way answered.
 * - `code_rejected`: the authorization code is dead.
 * - `settings`: the broker does not accept the client.
 * - `transient`: the same request may succeed later.
 * - `unexpected`: none of these.
 */
export type Verdict =
  | "login_needed"
  | "refused"
  | "doubtful"
  | "code_rejected"
  | "settings"
  | "transient"
  | "unexpected";

/** A row of {@linkcode TOKEN_ERRORS}. */
export interface TokenErrorRow {
  /** Which answers it is about, for people. */
  readonly answer: string;
  /** Whether an answer is one of these. */
  readonly matches: (
    answer: TokenAnswer,
    rules: readonly LoginNeededError[],
  ) => boolean;
  /** What it means at a refresh. */
  readonly refresh: Verdict;
  /** What it means when a code is exchanged; the row is about refreshes alone when absent. */
  readonly exchange?: Verdict;
}

/** Errors by which servers say that a grant has ended, `invalid_grant` aside. */
const GRANT_ENDED =
  /^(?:(?:invalid|bad|expired|revoked)_(?:refresh_?)?token|(?:refresh_?)?token_(?:expired|revoked|invalid|inactive|not_found|reused)|(?:interaction|consent|login|account_selection|reauth|reauthentication|mfa)_required|access_denied)$/;
/** Errors and words by which servers say that the same request may succeed later. */
const PASSING =
  /^(?:temporarily_unavailable|service_unavailable|unavailable|slow_down|server_error|internal_error|internal_server_error|too_many_requests|rate_?limit\w*|throttl\w*|\w*limit_exceeded|quota_exceeded|\w*timeout|overloaded|maintenance)$/;
const PASSING_WORDS =
  /too many requests|rate[ -]?limit|throttl|try again (?:later|in )|temporarily|(?:service|server|currently) (?:is )?(?:currently )?unavailable|maintenance|overloaded/i;
/** Errors and words about the client, not about its user. */
const CLIENT =
  /client|api_?key|consumer|^app(?:lication)?_|^redirect_uri_mismatch$/;
const CLIENT_WORDS =
  /client[ _-]?(?:id|secret|credential|auth)|api[ _-]?key|consumer[ _-]?(?:key|secret)|app(?:lication)? key/i;
const REFRESH_TOKEN = /refresh[ _-]?token/i;

/**
 * The one table of what answers without tokens mean; the first row that matches
 * decides. Servers were seen to refuse a dead refresh token in each of these ways.
 */
export const TOKEN_ERRORS: readonly TokenErrorRow[] = [
  {
    answer: "status 408, 425, 429, or 500 and above",
    matches: ({ status }) => isTransientStatus(status),
    refresh: "transient",
    exchange: "transient",
  },
  {
    answer:
      "an error, or all of a plain text, that the provider's own rules list for a dead login",
    matches: (answer, rules) => rules.some((rule) => applies(rule, answer)),
    refresh: "login_needed",
  },
  {
    answer: "`invalid_grant`, `bad_verification_code`",
    matches: ({ error }) =>
      /^(?:invalid_grant|bad_verification_code)$/.test(codeOf(error)),
    refresh: "login_needed",
    exchange: "code_rejected",
  },
  {
    answer:
      "an error that names the end of the login: `interaction_required`, `consent_required`, `login_required`, `invalid_token`, `token_expired`, `access_denied` and the like",
    matches: ({ error }) => GRANT_ENDED.test(codeOf(error)),
    refresh: "login_needed",
  },
  {
    answer:
      "a temporary error: `temporarily_unavailable`, `slow_down`, `server_error`, or a message about a rate, a limit or maintenance",
    matches: ({ error, description }) =>
      PASSING.test(codeOf(error)) || PASSING_WORDS.test(description ?? ""),
    refresh: "transient",
    exchange: "transient",
  },
  {
    answer:
      "an error about the client: `invalid_client`, `unauthorized_client`, a message about the client id or secret, or a JSON error that asks for HTTP Basic",
    matches: ({ content, error, description = "", challenged }) =>
      CLIENT.test(codeOf(error)) ||
      CLIENT_WORDS.test(description) && !REFRESH_TOKEN.test(description) ||
      content === "reason" && challenged === true,
    refresh: "settings",
    exchange: "settings",
  },
  {
    answer: "401 with any other JSON error or message",
    matches: ({ status, content }) => status === 401 && content === "reason",
    refresh: "refused",
    exchange: "settings",
  },
  {
    answer: "400 or 403 with any other JSON error or message",
    matches: ({ status, content }) =>
      (status === 400 || status === 403) && content === "reason",
    refresh: "refused",
    exchange: "unexpected",
  },
  {
    answer:
      "any other status from 400 with a JSON error or message about the refresh token",
    matches: ({ status, error = "", description = "" }) =>
      status >= 400 && REFRESH_TOKEN.test(`${error} ${description}`),
    refresh: "login_needed",
  },
  {
    answer: "400 with nothing, or with JSON without an error or message",
    matches: ({ status, content }) => status === 400 && isBare(content),
    refresh: "refused",
    exchange: "unexpected",
  },
  {
    answer: "401 or 403 with nothing, or with JSON without an error or message",
    matches: ({ status, content }) =>
      (status === 401 || status === 403) && isBare(content),
    refresh: "doubtful",
    exchange: "unexpected",
  },
  {
    answer: "a web page with any status; 400, 401 or 403 with other text",
    matches: ({ status, content }) =>
      content === "page" ||
      content === "text" && [400, 401, 403].includes(status),
    refresh: "doubtful",
    exchange: "unexpected",
  },
  {
    answer: "anything else",
    matches: () => true,
    refresh: "unexpected",
    exchange: "unexpected",
  },
];

/**
 * Decides what an answer without tokens means.
 *
 * @param step What was asked for.
 * @param answer The answer.
 * @param rules The provider's own rules for a dead login, which come before the general ones.
 * @returns What it means.
 */
export function tokenErrorVerdict(
  step: "refresh" | "exchange",
  answer: TokenAnswer,
  rules: readonly LoginNeededError[] = [],
): Verdict {
  for (const row of TOKEN_ERRORS) {
    const verdict = row[step];
    if (verdict !== undefined && row.matches(answer, rules)) return verdict;
  }
  return "unexpected";
}

/**
 * Whether a status is about the moment and not about the request.
 *
 * @param status The HTTP status.
 */
export function isTransientStatus(status: number): boolean {
  return [408, 425, 429].includes(status) || status >= 500;
}

function applies(rule: LoginNeededError, answer: TokenAnswer): boolean {
  return rule.error === (answer.error ?? answer.text) &&
    (answer.description ?? "").toLowerCase().includes(
      (rule.description ?? "").toLowerCase(),
    );
}

/** A code as the specifications write it: some write `Invalid Grant` or `invalid-grant`. */
function codeOf(error: string | undefined): string {
  return (error ?? "").replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase()
    .replace(/[^a-z0-9]+/g, "_");
}

function isBare(content: AnswerContent): boolean {
  return content === "empty" || content === "json";
}
