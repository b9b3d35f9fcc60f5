import { deadline } from "../base/deadline.ts";
import { TdauthError } from "../base/errors.ts";
import { limitedText, networkReason } from "../base/network.ts";
import type { Provider } from "../providers/provider.ts";
import { isNotPermitted } from "../system/system_error.ts";

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
  /** Whether the request timed out: it may have been sent, and the response may be on its way. */
  readonly timedOut: boolean;

  /**
   * @param message What happened.
   * @param about The status, the seconds to wait, and how far the request came.
   */
  constructor(
    message: string,
    about: {
      status?: number;
      retryAfter?: number;
      lost?: boolean;
      unsent?: boolean;
      timedOut?: boolean;
    } = {},
  ) {
    super(message);
    this.status = about.status;
    this.retryAfter = about.retryAfter;
    this.lost = about.lost ?? false;
    this.unsent = about.unsent ?? false;
    this.timedOut = about.timedOut ?? false;
  }
}

/** An answer that is not in the protocol, such as an HTML page. */
export class InvalidResponseError extends Error {
  /** The HTTP status. */
  readonly status: number;

  /**
   * @param status The HTTP status.
   * @param message What is wrong with it, never the answer itself.
   */
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Under which name a regular answer has its id_token, so that the library leaves it alone. */
export const UNCHECKED_ID_TOKEN = "unchecked_id_token";

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
      response = await fetcher(url, { ...init, signal, redirect: "manual" });
      // The rest of an error response is not read: it may be endless.
      const whole = isTransient(response.status)
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
      if (isNotPermitted(error)) {
        throw new TdauthError(
          "invalid_options",
          `Cannot reach ${provider.name}: this script lacks the permission (--allow-net)`,
          { hint: "run it with --allow-net", cause: error },
        );
      }
      throw new TransientError(networkReason(error), {
        lost: matches(error, AFTER_REQUEST),
        unsent: matches(error, BEFORE_REQUEST),
        timedOut: error instanceof DOMException &&
          error.name === "TimeoutError",
      });
    }
    const { status } = response;
    if (isTransient(status)) {
      response.body?.cancel().catch(() => {});
      const seconds = retryAfter(response);
      throw new TransientError(`it returned ${status}`, {
        status,
        ...(seconds !== undefined && { retryAfter: seconds }),
      });
    }
    if (status >= 300 && status < 400) {
      throw new InvalidResponseError(
        status,
        `it returned a redirect (${status})`,
      );
    }
    const json = parseObject(text);
    if (url === provider.revocationEndpoint && response.ok) {
      return new Response(null, { status: 200 });
    }
    if (json === undefined) {
      const kind = /^\s*</.test(text)
        ? "a web page"
        : text.trim() === ""
        ? "nothing"
        : "something other than JSON";
      throw new InvalidResponseError(
        status,
        `it returned ${status} with ${kind}`,
      );
    }
    // Some answer 200 with an error inside.
    const failed = typeof json["error"] === "string" &&
      typeof json["access_token"] !== "string";
    const token = json["access_token"];
    // RFC 6749 §A.12; it goes into a header and, printed, to a terminal.
    if (
      response.ok && typeof token === "string" && /[^\x20-\x7e]/.test(token)
    ) {
      throw new InvalidResponseError(
        status,
        "its access token contains invalid characters",
      );
    }
    return Response.json(response.ok && !failed ? regular(json) : json, {
      status: failed && response.ok ? 400 : response.ok ? 200 : status,
    });
  };
}

function isTransient(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Returns a successful response without the unneeded parts that the strict library would reject. */
function regular(json: Record<string, unknown>): Record<string, unknown> {
  // Schwab's id_token is signed for someone else: the library must not check it.
  const {
    id_token,
    expires_in,
    refresh_token,
    scope,
    refresh_token_expires_in,
    ...rest
  } = json;
  return {
    ...rest,
    [UNCHECKED_ID_TOKEN]: id_token,
    token_type: typeof json["token_type"] === "string"
      ? json["token_type"]
      : "Bearer",
    expires_in: seconds(expires_in),
    refresh_token: typeof refresh_token === "string" && refresh_token !== ""
      ? refresh_token
      : undefined,
    refresh_token_expires_in: seconds(refresh_token_expires_in),
    scope: Array.isArray(scope)
      ? scope.join(" ")
      : typeof scope === "string"
      ? scope
      : undefined,
  };
}

/** A lifetime; a textual one counts, a negative one is over, nonsense is as if absent. */
function seconds(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== ""
    ? Number(value)
    : value;
  return typeof number === "number" && Number.isFinite(number)
    ? Math.max(0, number)
    : undefined;
}

function retryAfter(response: Response): number | undefined {
  const value = response.headers.get("retry-after");
  if (value === null) return undefined;
  const number = Number(value);
  const left = Number.isFinite(number)
    ? number
    : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(left) ? Math.max(0, left) : undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}

/** How the runtime's HTTP client reports that a connection ended after the request, and that there was none. */
const AFTER_REQUEST =
  /SendRequest|closed before message|reading a body|connection reset|broken pipe|unexpected end of file/i;
const BEFORE_REQUEST = /\(Connect\)|dns error|refused/i;

function matches(error: unknown, words: RegExp): boolean {
  return error instanceof Error &&
    words.test(`${error.message} ${error.cause ?? ""}`);
}
