import { DEFAULT_BROKER, presets, SANDBOX_BROKERS } from "./broker_preset.ts";
import type { Rules } from "./context.ts";
import { withFreePort } from "./free_port.ts";
import type { SandboxApp, SandboxOptions } from "./sandbox_options.ts";

/** A century: far beyond any token, and dates stay within what `Date` can hold. */
const LONGEST = 100 * 365 * 86_400;

/** Fills in the defaults and rejects invalid values. */
export function resolveOptions(options: SandboxOptions): {
  readonly rules: Rules;
  readonly app: SandboxApp;
  readonly clientId: string;
  readonly port: number;
} {
  const broker = oneOf(
    "broker",
    options.broker ?? DEFAULT_BROKER,
    SANDBOX_BROKERS,
  );
  const preset = presets[broker];
  const {
    port = 0,
    consumerKey = preset.consumerKey,
    consumerSecret = preset.consumerSecret,
    callbackUrl = preset.callbackUrl,
    accessTokenLifetime = preset.accessTokenLifetime,
    refreshTokenLifetime = preset.refreshTokenLifetime,
  } = options;
  whole("port", port, 0, 65_535);
  whole("accessTokenLifetime", accessTokenLifetime, 1, LONGEST);
  whole("refreshTokenLifetime", refreshTokenLifetime, 1, LONGEST);
  if (!URL.canParse(callbackUrl) || !/^https?:\/\//i.test(callbackUrl)) {
    throw new TypeError(
      "Cannot start the practice broker: callbackUrl is not an absolute http or https URL",
    );
  }
  return {
    port,
    rules: {
      broker,
      accessTokenLifetime,
      refreshTokenLifetime,
      rotation: oneOf("rotation", options.rotation ?? "none", [
        "none",
        "rotate",
        "kill",
      ]),
      deadRefreshToken: oneOf(
        "deadRefreshToken",
        options.deadRefreshToken ?? "unsupported_token_type",
        ["unsupported_token_type", "invalid_client"],
      ),
      appStatus: oneOf("appStatus", options.appStatus ?? "ready", [
        "ready",
        "pending",
      ]),
    },
    app: {
      consumerKey,
      ...(broker === "schwab" && consumerSecret !== undefined &&
        { consumerSecret }),
      callbackUrl: withFreePort(callbackUrl),
    },
    clientId: consumerKey.endsWith(preset.clientIdSuffix)
      ? consumerKey
      : consumerKey + preset.clientIdSuffix,
  };
}

function oneOf<T extends string>(
  name: string,
  value: T,
  allowed: readonly NoInfer<T>[],
): T {
  if (!allowed.includes(value)) {
    throw new RangeError(
      `Cannot start the practice broker: ${name} must be one of ${
        allowed.join(", ")
      }`,
    );
  }
  return value;
}

function whole(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(
      `Cannot start the practice broker: ${name} must be an integer from ${min} to ${max}`,
    );
  }
}
