import {
  AuthorizationResponseError,
  OperationProcessingError,
  ResponseBodyError,
} from "oauth4webapi";
import type { HintInput, HintStep } from "../base/hint.ts";
import { InvalidResponseError, TransientError } from "./broker_fetch.ts";
import { TdauthError, type TdauthErrorCode } from "../base/errors.ts";
import type { NetworkProblem } from "../base/network_failure.ts";
import type { ClientAuthentication, Provider } from "../providers/provider.ts";
import { NO_CODE } from "./read_answer.ts";
import { AnswerError } from "./answer_error.ts";
import { type TokenAnswer, tokenErrorVerdict } from "./token_error.ts";
import { scopeHint } from "./scope_hint.ts";

/** The kinds of requests to a broker. */
export type BrokerStep = "exchange" | "device" | "refresh" | "revocation";

/** What could not be done, by step. */
const WHAT: Readonly<Record<BrokerStep, string>> = {
  exchange: "log in to",
  device: "log in to",
  refresh: "refresh the access token of",
  revocation: "revoke the tokens at",
};

/** Makes an error of a reason. */
type Make = (
  code: TdauthErrorCode,
  why: string,
  hint?: HintInput,
  cause?: Error,
) => TdauthError;

/** What to do about a login that came to nothing. */
const LOG_IN: HintStep = { text: "log in again:", command: ["login"] };
/** What to do about a broker that is away. */
const LATER = "try again later; stored tokens are kept";
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
 * @param way How the client authenticated, where the broker has rejected another way before.
 * @returns The error to throw.
 */
export function brokerError(
  provider: Provider,
  step: BrokerStep,
  error: unknown,
  secrets: readonly (string | null | undefined)[],
  way?: ClientAuthentication,
): TdauthError {
  if (error instanceof TdauthError) return error;
  const make: Make = (code, why, hint, cause) =>
    new TdauthError(code, `Cannot ${WHAT[step]} ${provider.name}: ${why}`, {
      ...(hint !== undefined && { hint }),
      ...(cause !== undefined && { cause }),
    });
  const trouble = provider.troubleHint;

  if (error instanceof TransientError) {
    return make(
      "broker_unavailable",
      error.message,
      networkHint(error.problem),
      withoutSecrets(error, secrets),
    );
  }
  if (error instanceof InvalidResponseError) {
    const { answer, message } = error;
    return answer === undefined || step === "revocation"
      ? make("unexpected_answer", message, trouble ?? ENDPOINTS)
      : fromAnswer(provider, step, answer, message, make);
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
      : error.error === "invalid_scope"
      ? make(
        "login_failed",
        why,
        trouble ?? scopeHint(provider, error.error_description ?? ""),
      )
      : make("login_failed", why, trouble ?? LOG_IN);
  }
  if (error instanceof ResponseBodyError) {
    const answer = answerOf(error);
    const why = clean(reasonOf(answer), secrets);
    return fromAnswer(provider, step, answer, why, make, way);
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

/** Makes the error of an answer without tokens; `why` is what it said. */
function fromAnswer(
  provider: Provider,
  step: BrokerStep,
  answer: TokenAnswer,
  why: string,
  make: Make,
  way?: ClientAuthentication,
): TdauthError {
  const { status, content } = answer;
  const verdict = tokenErrorVerdict(
    step === "refresh" ? "refresh" : "exchange",
    answer,
    provider.loginNeededErrors,
  );
  const said = content === "reason" ? `it returned ${status} (${why})` : why;
  const cause = new AnswerError(said, answer, verdict);
  if (step === "exchange" && answer.error === "invalid_scope") {
    return make(
      "login_failed",
      why,
      provider.troubleHint ?? scopeHint(provider, answer.description ?? ""),
      cause,
    );
  }
  switch (verdict) {
    case "login_needed":
      return make(
        "login_needed",
        `the refresh token has expired, was revoked, or was replaced by a newer login (${why})`,
        LOG_IN,
        cause,
      );
    case "refused":
      return make(
        "login_needed",
        `the broker rejected the refresh token: ${said}`,
        provider.troubleHint === undefined
          ? LOG_IN
          : [LOG_IN, `; if that fails, ${provider.troubleHint}`],
        cause,
      );
    case "doubtful":
      return make(
        "broker_unavailable",
        `${said}, which may come from a proxy or firewall`,
        "try again in a minute; stored tokens are kept",
        cause,
      );
    case "transient":
      return make(
        "broker_unavailable",
        said,
        LATER,
        new TransientError(said, { status }),
      );
    case "code_rejected":
      return make(
        "login_failed",
        `the authorization code has expired, was already used, or is for another callback URL (${why})`,
        way === undefined
          ? "log in again, and paste the URL within 30 seconds"
          : `log in again; if it fails like this again, set clientAuthentication to ${way} before: the broker may have used the code up when it rejected another client authentication`,
        cause,
      );
    case "settings":
      return make(
        "invalid_client",
        `the consumer key or secret is wrong, or the app is not ready (${why})`,
        provider.troubleHint ??
          {
            text: "compare them with the developer portal, then run",
            command: ["configure"],
          },
        cause,
      );
    case "unexpected":
      return make(
        "unexpected_answer",
        said,
        provider.troubleHint ?? ENDPOINTS,
        cause,
      );
  }
}

/** What to do about a request without a response. */
function networkHint(problem: NetworkProblem | undefined): string {
  switch (problem) {
    case "name":
      return "check the network and DNS; stored tokens are kept";
    case "certificate":
      return "trust your proxy's root CA with DENO_CERT or DENO_TLS_CA_STORE=system; stored tokens are kept";
    case "certificate time":
      return "check this machine's clock; stored tokens are kept";
    case "proxy password":
      return "put them into the proxy's URL: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT; stored tokens are kept";
    case "proxy":
      return "check HTTPS_PROXY and NO_PROXY; stored tokens are kept";
    default:
      return LATER;
  }
}

/** The answer behind an error of the library, which has checked only that `error` is a text. */
function answerOf(error: ResponseBodyError): TokenAnswer {
  const { error_description, challenged } = error.cause;
  return {
    status: error.status,
    content: "reason",
    ...(error.error !== NO_CODE && { error: error.error }),
    ...(typeof error_description === "string" &&
      { description: error_description }),
    challenged: challenged === true,
  };
}

function reasonOf({ error, description }: TokenAnswer): string {
  return [error, description].filter((part) => part !== undefined).join(": ");
}

/** The same error, its runtime's words fit to be shown. */
function withoutSecrets(
  error: TransientError,
  secrets: readonly (string | null | undefined)[],
): TransientError {
  if (!(error.cause instanceof Error)) return error;
  error.cause = new Error(clean(error.cause.message, secrets));
  return error;
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
