import type { BrokerPreset } from "./broker_preset.ts";
import type { BrowserSessions } from "./browser_sessions.ts";
import type { HttpAnswer } from "./http_server.ts";
import type { Ledger } from "./ledger.ts";
import type {
  SandboxApp,
  SandboxOptions,
  SandboxRequest,
  SandboxUser,
} from "./sandbox_options.ts";

/** The options that affect responses, with all defaults. */
export type Rules = Required<
  Pick<
    SandboxOptions,
    | "broker"
    | "accessTokenLifetime"
    | "refreshTokenLifetime"
    | "rotation"
    | "deadRefreshToken"
    | "appStatus"
  >
>;

/** The state that all endpoints of one practice broker share. */
export interface Context {
  readonly preset: BrokerPreset;
  readonly rules: Rules;
  readonly app: SandboxApp;
  /** The consumer key on the wire, with its suffix. */
  readonly clientId: string;
  readonly user: SandboxUser;
  readonly ledger: Ledger;
  readonly sessions: BrowserSessions;
  readonly now: () => number;
}

/** An endpoint's response and its log entry. */
export interface Answer extends HttpAnswer {
  readonly reason?: string;
  readonly grantType?: NonNullable<SandboxRequest["grantType"]>;
}

/** Builds a JSON response that must not be cached (RFC 6749 §5.1). */
export function json(
  status: number,
  value: unknown,
  reason?: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: {
      "content-type": "application/json;charset=UTF-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...headers,
    },
    body: JSON.stringify(value),
    ...(reason !== undefined && { reason }),
  };
}

/** Returns the name of a repeated parameter, which RFC 6749 §3.1 forbids. */
export function repeated(parameters: URLSearchParams): string | undefined {
  return [...parameters.keys()].find((name) =>
    parameters.getAll(name).length > 1
  );
}
