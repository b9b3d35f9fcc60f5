import { deadline } from "../base/deadline.ts";
import { TdauthError } from "../base/errors.ts";
import { limitedText } from "../base/network.ts";
import {
  failureReason,
  networkFailure,
  type NetworkProblem,
} from "../base/network_failure.ts";
import type { Provider } from "../providers/provider.ts";
import { proxyFor } from "../system/proxy.ts";
import { isNotPermitted } from "../system/system_error.ts";
import {
  type Entries,
  entriesOf,
  errorIn,
  NO_CODE,
  tokenAnswer,
} from "./read_answer.ts";
import { otherTokenType, regularGrant } from "./regular_grant.ts";
import {
  type AnswerContent,
  isTransientStatus,
  type TokenAnswer,
} from "./token_error.ts";

/** The longest wait that a response may ask for, in seconds: a day. */
const LONGEST_RETRY_AFTER = 86_400;

/** What is known of a {@linkcode TransientError}. */
export interface TransientErrorOptions {
  /** The HTTP status, where there was an answer. */
  readonly status?: number;
  /** How long to wait, in seconds, if the response states it. */
  readonly retryAfter?: number;
  /** Whether the request went out and the connection was cut before its answer was whole. @default {false} */
  readonly lost?: boolean;
  /** Whether the request never went out. @default {false} */
  readonly unsent?: boolean;
  /** Why there was no response. */
  readonly problem?: NetworkProblem;
  /** The runtime's own error. */
  readonly cause?: unknown;
}

/** A status that is not about the request: the same one may succeed later. */
export class TransientError extends Error {
  /** The HTTP status, or `undefined` when there was no answer. */
  readonly status: number | undefined;
  /** How long to wait, in seconds, if the response states it (RFC 9110 §10.2.3). */
  readonly retryAfter: number | undefined;
  /** Whether the request went out and the connection was cut before its answer was whole. */
  readonly lost: boolean;
  /** Whether the request never went out. */
  readonly unsent: boolean;
  /** Why there was no response; `undefined` when there was one. */
  readonly problem: NetworkProblem | undefined;

  /**
   * @param message What happened.
   * @param about The status, the seconds to wait, and how far the request came.
   */
  constructor(message: string, about: TransientErrorOptions = {}) {
    super(message, "cause" in about ? { cause: about.cause } : undefined);
    this.status = about.status;
    this.retryAfter = about.retryAfter;
    this.lost = about.lost ?? false;
    this.unsent = about.unsent ?? false;
    this.problem = about.problem;
  }

  /** Whether the request timed out: it may have been sent, and the response may be on its way. */
  get timedOut(): boolean {
    return this.problem === "timeout";
  }
}

/** An answer that is not in the protocol, such as an HTML page. */
export class InvalidResponseError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** What its body is, where that is all that is wrong with it. */
  readonly content: AnswerContent | undefined;
  /** The answer, for the provider's own rules; never shown: it may repeat a secret. */
  readonly #answer: TokenAnswer | undefined;

  /**
   * @param status The HTTP status.
   * @param message What is wrong with it, never the answer itself.
   * @param answer The answer, where its body is all that is wrong with it.
   */
  constructor(status: number, message: string, answer?: TokenAnswer) {
    super(message);
    this.status = status;
    this.content = answer?.content;
    this.#answer = answer;
  }

  /** The answer, where its body is all that is wrong with it; never to be shown. */
  get answer(): TokenAnswer | undefined {
    return this.#answer;
  }
}

/** What an answer's body is, in words. */
const CONTENT: Readonly<Record<AnswerContent, string>> = {
  reason: "an error",
  json: "JSON that names no error",
  empty: "nothing",
  page: "a web page",
  text: "something other than JSON",
};

/**
 * A `fetch` for a broker's token endpoint that makes real brokers' responses
 * regular, so that the strict library understands them: this is the one place
 * for that. Transient errors and pages that are not JSON are thrown, and one that
 * takes too long is aborted.
 *
 * @param provider The provider.
 * @param fetcher The `fetch` beneath.
 * @param timeout How long a request may take, in milliseconds.
 * @returns A `fetch` for `oauth4webapi`.
 */
export function brokerFetch(
  provider: Provider,
  fetcher: typeof fetch,
  timeout: number,
): (url: string, init: RequestInit) => Promise<Response> {
  return async (url, init) => {
    let response: Response;
    let text: string;
    using limit = deadline(timeout);
    const signal = init.signal
      ? AbortSignal.any([init.signal, limit.signal])
      : limit.signal;
    try {
      const headers = new Headers(init.headers); // with the library's own User-Agent
      if (provider.userAgent !== undefined) {
        headers.set("user-agent", provider.userAgent);
      }
      response = await fetcher(url, {
        ...init,
        headers,
        signal,
        redirect: "manual",
      });
      // The rest of an error response is not read: it may be endless.
      const whole = isTransientStatus(response.status)
        ? ""
        : await limitedText(response);
      if (whole === undefined) {
        throw new InvalidResponseError(
          response.status,
          "its response is larger than 1 MiB",
        );
      }
      text = whole;
    } catch (error) {
      if (error instanceof InvalidResponseError) throw error;
      throw unanswered(provider, url, error);
    }
    const { status } = response;
    throwIfTransient(url, response);
    if (status >= 300 && status < 400) {
      throw new InvalidResponseError(
        status,
        `it returned a redirect (${status})`,
      );
    }
    if (url === provider.revocationEndpoint && response.ok) {
      return new Response(null, { status: 200 });
    }
    const entries = entriesOf(text);
    return entries !== undefined && response.ok && !hasFailed(entries)
      ? granted(status, entries)
      : refused(response, text, entries);
  };
}

/** The error of a request without a response. */
function unanswered(provider: Provider, url: string, error: unknown): Error {
  if (isNotPermitted(error)) {
    return new TdauthError(
      "invalid_options",
      `Cannot reach ${provider.name}: this script lacks the permission (--allow-net)`,
      { hint: "run it with --allow-net", cause: error },
    );
  }
  const { problem, lost, unsent, words } = networkFailure(error);
  return new TransientError(
    failureReason({ problem, unsent }, proxyFor(url)),
    { lost, unsent, problem, ...(words !== "" && { cause: new Error(words) }) },
  );
}

function throwIfTransient(url: string, response: Response): void {
  const { status } = response;
  // Over plain http a proxy's own answer looks like the broker's (RFC 9110 §15.5.8).
  if (status !== 407 && !isTransientStatus(status)) return;
  response.body?.cancel().catch(() => {});
  if (status === 407) {
    const problem = "proxy password";
    throw new TransientError(
      failureReason({ problem, unsent: true }, proxyFor(url)),
      { status, problem, unsent: true },
    );
  }
  const seconds = retryAfter(response);
  throw new TransientError(`it returned ${status}`, {
    status,
    ...(seconds !== undefined && { retryAfter: seconds }),
  });
}

/** Whether an answer with a good status has an error inside. */
function hasFailed(entries: Entries): boolean {
  return typeof entries["access_token"] !== "string" &&
    errorIn(entries) !== undefined;
}

function granted(status: number, entries: Entries): Response {
  const token = entries["access_token"];
  // RFC 6749 §A.12; it goes into a header and, printed, to a terminal.
  if (typeof token === "string" && /[^\x20-\x7e]/.test(token)) {
    throw new InvalidResponseError(
      status,
      "its access token contains invalid characters",
    );
  }
  const otherType = otherTokenType(entries);
  if (otherType !== undefined) {
    throw new InvalidResponseError(
      status,
      `its access token is ${otherType}, and tdauth sends Bearer tokens`,
    );
  }
  return Response.json(regularGrant(entries), { status: 200 });
}

/** The library's form of an error answer; one that names no error is thrown. */
function refused(
  response: Response,
  text: string,
  entries: Entries | undefined,
): Response {
  const status = response.ok && entries !== undefined ? 400 : response.status;
  const answer = tokenAnswer(status, text, entries, response.headers);
  const { content, error, description, challenged } = answer;
  if (content !== "reason") {
    throw new InvalidResponseError(
      status,
      `it returned ${status} with ${CONTENT[content]}`,
      answer,
    );
  }
  return Response.json({
    error: error ?? NO_CODE,
    error_description: description,
    challenged,
  }, { status });
}

function retryAfter(response: Response): number | undefined {
  const value = response.headers.get("retry-after");
  if (value === null) return undefined;
  const number = Number(value);
  const left = Number.isFinite(number)
    ? number
    : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(left)
    ? Math.min(Math.max(0, left), LONGEST_RETRY_AFTER)
    : undefined;
}
