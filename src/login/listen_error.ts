import { TdauthError } from "../base/errors.ts";
import { OS } from "../system/os.ts";
import {
  isDenied,
  isMissingAddress,
  isNotPermitted,
  isPortInUse,
} from "../system/system_error.ts";

/**
 * Makes the error for an address that cannot be listened on.
 *
 * @param cause What listening threw.
 * @param hostname The address.
 * @param port The port.
 * @returns The error to throw.
 */
export function listenError(
  cause: unknown,
  hostname: string,
  port: number,
): TdauthError {
  const where = addressText(hostname, port);
  if (isPortInUse(cause)) {
    return new TdauthError(
      "port_in_use",
      `Cannot listen on ${where}: another program uses this port`,
      {
        hint: `it may be another login of tdauth; find it with: ${
          OS === "windows"
            ? `netstat -ano | findstr :${port}`
            : `lsof -i :${port}`
        }`,
        cause,
      },
    );
  }
  if (isDenied(cause)) {
    return new TdauthError(
      "port_forbidden",
      `Cannot listen on ${where}: permission denied`,
      {
        hint:
          "register a callback URL with port 1024 or higher, such as https://127.0.0.1:8182, or paste the address that the browser shows after you approve access",
        cause,
      },
    );
  }
  if (isNotPermitted(cause)) {
    return new TdauthError(
      "invalid_options",
      `Cannot listen on ${where}: this script lacks the permission`,
      { hint: `run it with --allow-net=${where}`, cause },
    );
  }
  if (isMissingAddress(cause)) {
    return new TdauthError(
      "invalid_options",
      `Cannot listen on ${where}: this machine does not have that address`,
      { hint: "register a callback URL with 127.0.0.1", cause },
    );
  }
  return new TdauthError(
    "certificate_failed",
    `Cannot serve https on ${where}: ${
      words(cause).includes("KeyMismatch")
        ? "the key does not match the certificate"
        : words(cause)
    }`,
    { hint: "use a certificate and its matching key", cause },
  );
}

/**
 * Formats an address and a port.
 *
 * @param hostname The address.
 * @param port The port.
 * @returns For instance `[::1]:8182`.
 */
export function addressText(hostname: string, port: number): string {
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}

function words(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
