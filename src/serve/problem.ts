import { TdauthError, type TdauthErrorCode } from "../base/errors.ts";

/** Why a request at the socket is refused before it is about tokens. */
export type RefusalCode =
  | "bad_target"
  | "browser_refused"
  | "not_found"
  | "method_not_allowed"
  | "too_large"
  | "timeout";

/** An error as an answer at the socket. */
export interface Problem {
  /** The HTTP status. */
  readonly status: number;
  /** What went wrong, for programs. */
  readonly code: RefusalCode | TdauthErrorCode | "internal";
  /** The same for people. */
  readonly detail: string;
  /** What to do. */
  readonly hint?: string;
  /** More headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The statuses of tokens that are not to be had; 401 would say that the caller is not who it should be. */
const STATUS: Partial<Record<TdauthErrorCode, number>> = {
  invalid_options: 400,
  login_needed: 503,
  busy: 503,
  broker_unavailable: 502,
  unexpected_answer: 502,
  invalid_client: 502,
};

/** The names of the statuses (RFC 9110 §15). */
const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

/**
 * Describes an error as an answer; of one that is not tdauth's nothing is told.
 *
 * @param error The error.
 * @param called The words that call tdauth, for its hint.
 * @returns The problem.
 */
export function problemOf(error: unknown, called: readonly string[]): Problem {
  if (!(error instanceof TdauthError)) {
    return {
      status: 500,
      code: "internal",
      detail: "Cannot answer: an unexpected error; tdauth serve has logged it",
    };
  }
  const hint = error.hint?.format(called);
  return {
    status: STATUS[error.code] ?? 500,
    code: error.code,
    detail: error.message,
    ...(hint !== undefined && { hint }),
  };
}

/**
 * Makes the answer of a problem (RFC 9457). The header tells it from what a
 * program in between may answer.
 *
 * @param problem The problem.
 * @returns The answer.
 */
export function problemResponse(
  { status, code, detail, hint, headers }: Problem,
): Response {
  return answer(status, {
    type: "about:blank",
    title: TITLES[status] ?? "Error",
    status,
    detail,
    code,
    ...(hint !== undefined && { hint }),
  }, {
    ...headers,
    "content-type": "application/problem+json",
    "tdauth-error": code,
  });
}

/**
 * Makes an answer of JSON that nothing keeps.
 *
 * @param status The HTTP status.
 * @param value The value.
 * @param headers More headers.
 * @returns The answer.
 */
export function answer(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${JSON.stringify(value)}\n`, {
    status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      ...headers,
    },
  });
}
