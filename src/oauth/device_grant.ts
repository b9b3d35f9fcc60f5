import * as oauth from "oauth4webapi";
import { mayName } from "../base/loopback.ts";
import { TdauthError, type TdauthErrorCode } from "../base/errors.ts";
import type { HintInput } from "../base/hint.ts";
import type { Provider } from "../providers/provider.ts";
import { AnswerError } from "./answer_error.ts";
import { brokerError } from "./broker_error.ts";
import { type App, clientAuthentication, clientSecrets } from "./client.ts";
import {
  authenticated,
  ClientAttempts,
  type ClientRecord,
} from "./client_attempts.ts";
import { type Grant, identified, ofLogin, toGrant } from "./grant.ts";
import { regularDeviceCode } from "./regular_device_code.ts";
import { type ProtocolOptions, requestParts } from "./request_parts.ts";

/** A code that the user enters on another device (RFC 8628 §3.2). */
export interface DeviceCode {
  /** What this machine presents; a secret. */
  readonly deviceCode: string;
  /** What the user enters. */
  readonly userCode: string;
  /** The page on which it is entered. */
  readonly verificationUri: string;
  /** The same page with the code already filled in. */
  readonly verificationUriComplete?: string;
  /** How long it is valid, in seconds. */
  readonly expiresIn: number;
  /** The shortest time between two polls, in seconds. */
  readonly interval: number;
  /** How the client authenticated, where there was a choice; the polls do the same. */
  readonly client?: ClientRecord;
}

/** Answers of a poll that mean that the user is not done yet (RFC 8628 §3.5). */
export type NotYet = "authorization_pending" | "slow_down";

/** The time between two polls if the response does not state it, in seconds (RFC 8628 §3.2). */
const INTERVAL = 5;
/** No server has a use for a longer one, in seconds; a larger number is a mistake. */
const LONGEST_INTERVAL = 60;
/** A user code that a person can read and type. */
const USER_CODE = /^[^\p{C}]{1,64}$/u;

/** Words for "the user said no"; Microsoft has its own. */
const DENIED = /^(access_denied|authorization_declined)$/;
/** Words for a code that has expired; Microsoft and servers of the drafts have their own. */
const EXPIRED = /^(expired_token|code_expired)$/;
/** Words for a code that is unknown or used; GitHub has its own. */
const INVALID = /^(invalid_grant|bad_verification_code|incorrect_device_code)$/;
/** Words for an app that is not registered for this grant. */
const NOT_REGISTERED =
  /^(unauthorized_client|unsupported_grant_type|device_flow_disabled)$/;
const NOT_ALLOWED_WORDS = /\bnot (?:allowed|enabled|permitted)\b|disabled/i;

/**
 * Requests a code for a login on another device (RFC 8628 §3.1).
 *
 * @param provider The provider, which has a device authorization endpoint.
 * @param app The app.
 * @param options The edges.
 * @returns The code.
 * @throws {TdauthError} `invalid_client`, `broker_unavailable` or `unexpected_answer`.
 */
export async function deviceCode(
  provider: Provider,
  app: App,
  options: ProtocolOptions,
): Promise<DeviceCode> {
  const { as, client, edges } = requestParts(provider, app, options);
  const secrets = clientSecrets(provider, app);
  const { attempts = new ClientAttempts(), onRejected } = options;
  const { value: answer, record } = await authenticated(
    provider,
    app,
    { record: options.client, attempts, onRejected },
    async (way) => {
      try {
        const response = await oauth.deviceAuthorizationRequest(
          as,
          client,
          clientAuthentication(way, app),
          {
            ...(provider.scope !== undefined && { scope: provider.scope }),
            ...provider.authorizationParameters,
          },
          edges,
        );
        return await oauth.processDeviceAuthorizationResponse(
          as,
          client,
          await regularDeviceCode(response),
        );
      } catch (error) {
        options.signal?.throwIfAborted();
        throw isNotAllowed(error)
          ? notAllowed(provider, error.error)
          : deviceError(provider, error, secrets);
      }
    },
  );
  const { verification_uri, verification_uri_complete, user_code } = answer;
  const from = new URL(
    as.device_authorization_endpoint ?? provider.tokenEndpoint,
  );
  if (!mayName(verification_uri, from) || !USER_CODE.test(user_code)) {
    throw brokerError(
      provider,
      "device",
      new Error("the page or the code for the user is not valid"),
      secrets,
    );
  }
  return {
    deviceCode: answer.device_code,
    userCode: user_code,
    // As a URL writes it, so that nothing in it reaches a terminal unescaped.
    verificationUri: new URL(verification_uri).href,
    ...(mayName(verification_uri_complete, from) && {
      verificationUriComplete: new URL(verification_uri_complete).href,
    }),
    expiresIn: answer.expires_in,
    interval: Math.min(answer.interval ?? INTERVAL, LONGEST_INTERVAL),
    ...(record !== undefined && { client: record }),
  };
}

/**
 * Asks once whether the user has logged in (RFC 8628 §3.4).
 *
 * @param provider The provider.
 * @param app The app.
 * @param code What {@linkcode DeviceCode.deviceCode} holds.
 * @param options The edges.
 * @returns The grant, or that the user is not done yet.
 * @throws {TdauthError} `login_denied`, `login_timeout` when the code has expired,
 * `login_failed`, `invalid_client`, `broker_unavailable` or `unexpected_answer`.
 */
export async function pollDevice(
  provider: Provider,
  app: App,
  code: string,
  options: ProtocolOptions,
): Promise<Grant | NotYet> {
  const { as, client, edges } = requestParts(provider, app, options);
  const secrets = [...clientSecrets(provider, app), code];
  const { value, record } = await authenticated<Grant | NotYet>(
    provider,
    app,
    // Every poll authenticates (RFC 8628 §3.4): an answer to wait accepts the client.
    {
      record: options.client,
      attempts: options.attempts ?? new ClientAttempts(),
    },
    async (way) => {
      try {
        const response = await oauth.deviceCodeGrantRequest(
          as,
          client,
          clientAuthentication(way, app),
          code,
          {
            ...edges,
            additionalParameters: { ...provider.exchangeParameters },
          },
        );
        const grant = toGrant(
          provider,
          await oauth.processDeviceCodeResponse(as, client, response),
        );
        return ofLogin(provider, identified(provider, app, grant, options));
      } catch (error) {
        options.signal?.throwIfAborted();
        if (error instanceof oauth.ResponseBodyError) {
          const said = error.error;
          if (said === "authorization_pending" || said === "slow_down") {
            return said;
          }
        }
        throw deviceError(provider, error, secrets);
      }
    },
  );
  return typeof value === "string" || record === undefined
    ? value
    : { ...value, client: record };
}

/**
 * Makes the error of a code that was not entered in time.
 *
 * @param provider The provider.
 */
export function codeExpired(provider: Provider): TdauthError {
  return new TdauthError(
    "login_timeout",
    `Cannot log in to ${provider.name}: the code expired before it was entered`,
    { hint: { text: "get a new one:", command: ["login"] } },
  );
}

/** Adds to {@linkcode brokerError} what only this grant can be told. */
function deviceError(
  provider: Provider,
  error: unknown,
  secrets: readonly string[],
): TdauthError {
  const said = error instanceof oauth.ResponseBodyError ? error.error : "";
  const make = (code: TdauthErrorCode, why: string, hint: HintInput) =>
    new TdauthError(code, `Cannot log in to ${provider.name}: ${why}`, {
      hint,
    });
  if (EXPIRED.test(said)) return codeExpired(provider);
  if (DENIED.test(said)) {
    return make("login_denied", `access was denied (${said})`, {
      text: "log in again and allow access:",
      command: ["login"],
    });
  }
  if (INVALID.test(said)) {
    return make("login_failed", `the code is no longer valid (${said})`, {
      text: "get a new one:",
      command: ["login"],
    });
  }
  if (NOT_REGISTERED.test(said)) {
    // glewlwyd says this of a wrong secret, too: another encoding may be right.
    const cause = error instanceof oauth.ResponseBodyError &&
        said === "unauthorized_client"
      ? new AnswerError(
        said,
        { status: error.status, content: "reason" },
        "settings",
      )
      : undefined;
    return notAllowed(provider, said, cause);
  }
  return brokerError(provider, "device", error, secrets);
}

/** Whether a server refuses a code to the app; oidc-provider says so in words alone. */
function isNotAllowed(error: unknown): error is oauth.ResponseBodyError {
  if (!(error instanceof oauth.ResponseBodyError)) return false;
  const words: unknown = error.error_description;
  return error.error === "invalid_request" && typeof words === "string" &&
    NOT_ALLOWED_WORDS.test(words);
}

function notAllowed(
  provider: Provider,
  said: string,
  cause?: AnswerError,
): TdauthError {
  return new TdauthError(
    "invalid_client",
    `Cannot log in to ${provider.name}: this app may not log in with a code on another device (${said})`,
    {
      hint: {
        text:
          "allow it the device flow in the developer portal, or log in with a browser:",
        command: ["login", "--no-device"],
      },
      ...(cause && { cause }),
    },
  );
}
