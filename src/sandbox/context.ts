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

/** The options that decide what is answered, with every default filled in. */
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

/** What every endpoint of one practice broker works on. */
export interface Context {
  readonly preset: BrokerPreset;
  readonly rules: Rules;
  readonly app: SandboxApp;
  /** The consumer key as it is on the wire, with its suffix. */
  readonly clientId: string;
  readonly user: SandboxUser;
  readonly ledger: Ledger;
  readonly sessions: BrowserSessions;
  readonly now: () => number;
}

/** An endpoint's answer and what the log says about it. */
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

/** The name of a parameter that comes twice, which RFC 6749 §3.1 forbids. */
export function repeated(parameters: URLSearchParams): string | undefined {
  return [...parameters.keys()].find((name) =>
    parameters.getAll(name).length > 1
  );
}
