import {
  AuthorizationResponseError,
  OperationProcessingError,
  ResponseBodyError,
} from "oauth4webapi";
import type { HintInput, HintStep } from "../base/hint.ts";
import { InvalidResponseError, TransientError } from "./broker_fetch.ts";
import { TdauthError, type TdauthErrorCode } from "../base/errors.ts";
import type { Provider } from "../providers/provider.ts";

/** The kinds of requests to a broker. */
export type BrokerStep = "exchange" | "device" | "refresh" | "revocation";

/** What could not be done, by step. */
const WHAT: Readonly<Record<BrokerStep, string>> = {
  exchange: "log in to",
  device: "log in to",
  refresh: "refresh the access token of",
  revocation: "revoke the tokens at",
};

/** What to do about a login that came to nothing. */
const LOG_IN: HintStep = { text: "log in again:", command: ["login"] };
/** What to do about an unexpected response. */
const ENDPOINTS = "check the provider's endpoints; --verbose shows the causes";

/**
 * Tells the errors of a request apart: log in again, wrong key or secret, broker
 * unavailable, answer not understood. What comes out holds no secret, not even
 * in its cause: the library's own errors hold the whole answer, so they are left behind.
 *
 * @param provider The provider.
 * @param step The kind of request.
 * @param error What was thrown.
 * @param secrets Texts that must not be shown.
 * @returns The error to throw.
 */
export function brokerError(
  provider: Provider,
  step: BrokerStep,
  error: unknown,
  secrets: readonly (string | null | undefined)[],
): TdauthError {
  if (error instanceof TdauthError) return error;
  const make = (code: TdauthErrorCode, why: string, hint?: HintInput) =>
    new TdauthError(code, `Cannot ${WHAT[step]} ${provider.name}: ${why}`, {
      ...(hint !== undefined && { hint }),
      ...(error instanceof TransientError && { cause: error }),
    });
  const trouble = provider.troubleHint;

  if (error instanceof TransientError) {
    return make(
      "broker_unavailable",
      error.message,
      /certificate/.test(error.message)
        ? "check the clock, or trust your proxy's root CA with DENO_CERT or DENO_TLS_CA_STORE=system; stored tokens are kept"
        : "try again later; stored tokens are kept",
    );
  }
  if (error instanceof InvalidResponseError) {
    return make(
      "unexpected_answer",
      error.message,
      trouble ?? ENDPOINTS,
    );
  }
  if (error instanceof AuthorizationResponseError) {
    const why = describe(error.error, error.error_description, secrets);
    return error.error === "access_denied"
      ? make(
        "login_denied",
        `access was denied (${why})`,
        { text: "log in again and allow access:", command: ["login"] },
      )
      : error.error === "temporarily_unavailable" ||
          error.error === "server_error"
      ? make("broker_unavailable", why, "try again later")
      : make("login_failed", why, trouble ?? LOG_IN);
  }
  if (error instanceof ResponseBodyError) {
    return fromBody(provider, step, error, secrets, make);
  }
  if (error instanceof OperationProcessingError) {
    const why = clean(error.message, secrets);
    return step === "exchange" && /"(iss|state|response)"|parameters/.test(why)
      ? make("login_failed", why, LOG_IN)
      : make("unexpected_answer", why, trouble ?? ENDPOINTS);
  }
  return make(
    "unexpected_answer",
    clean(error instanceof Error ? error.message : String(error), secrets),
    trouble ?? ENDPOINTS,
  );
}

function fromBody(
  provider: Provider,
  step: BrokerStep,
  error: ResponseBodyError,
  secrets: readonly (string | null | undefined)[],
  make: (code: TdauthErrorCode, why: string, hint?: HintInput) => TdauthError,
): TdauthError {
  // The library has checked only `error`: this may be anything.
  const said: unknown = error.error_description;
  const description = typeof said === "string" ? said : "";
  const why = describe(error.error, description, secrets);
  const refreshTokenDied = error.error === "invalid_grant" ||
    provider.loginNeededErrors?.some((known) =>
      known.error === error.error &&
      description.toLowerCase().includes(
        (known.description ?? "").toLowerCase(),
      )
    );
  if (step === "refresh" && refreshTokenDied) {
    return make(
      "login_needed",
      `the refresh token has expired, was revoked, or was replaced by a newer login (${why})`,
      LOG_IN,
    );
  }
  if (step === "exchange" && error.error === "invalid_grant") {
    return make(
      "login_failed",
      `the authorization code has expired, was already used, or is for another callback URL (${why})`,
      "log in again, and paste the URL within 30 seconds",
    );
  }
  if (
    error.status === 401 ||
    /^(invalid_client|unauthorized_client)$/.test(error.error)
  ) {
    return make(
      "invalid_client",
      `the consumer key or secret is wrong, or the app is not ready (${why})`,
      provider.troubleHint ??
        {
          text: "compare them with the developer portal, then run",
          command: ["configure"],
        },
    );
  }
  return make(
    "unexpected_answer",
    `it returned ${error.status} (${why})`,
    provider.troubleHint ?? ENDPOINTS,
  );
}

function describe(
  error: string,
  description: string | undefined,
  secrets: readonly (string | null | undefined)[],
) {
  return clean(description ? `${error}: ${description}` : error, secrets);
}

/** A broker's text, fit for a terminal: one line, no control characters, no secret, not long. */
function clean(
  text: string,
  secrets: readonly (string | null | undefined)[],
): string {
  let cleaned = text;
  for (const secret of secrets.flatMap(forms)) {
    cleaned = cleaned.replaceAll(secret, "[redacted]");
  }
  cleaned = cleaned.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return cleaned.length > 200 ? `${cleaned.slice(0, 199)}…` : cleaned;
}

/** Returns a secret as is and as encoded in a request's body: a broker may repeat either. */
function forms(secret: string | null | undefined): string[] {
  if (!secret) return [];
  const form = new URLSearchParams({ _: secret }).toString().slice(2);
  return [secret, form, encodeURIComponent(secret.toWellFormed())];
}
