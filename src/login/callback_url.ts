import { TdauthError } from "../base/errors.ts";
import type { Provider } from "../providers/provider.ts";
import { callbackHosts } from "./callback_server.ts";

/** Ports above 1023 that browsers take for other protocols' and never open (Fetch, "bad port"). */
const BLOCKED: readonly number[] = [
  1719,
  1720,
  1723,
  2049,
  3659,
  4045,
  4190,
  5060,
  5061,
  6000,
  6566,
  6665,
  6666,
  6667,
  6668,
  6669,
  6679,
  6697,
  10080,
];

/** What a callback URL requires. */
export interface CallbackUrl {
  /** The addresses to listen on; none when the URL is not on this machine. */
  readonly hosts: readonly string[];
  /** Whether it needs a certificate. */
  readonly https: boolean;
  /** Warnings about what is allowed but often goes wrong, as sentences. */
  readonly warnings: readonly string[];
}

/**
 * Checks a callback URL before anything is sent.
 *
 * @param callbackUrl The URL as the user gave it.
 * @param provider The provider, for its rules.
 * @returns What it requires.
 * @throws {TdauthError} `invalid_options` when no login can work with it.
 */
export function checkCallbackUrl(
  callbackUrl: string,
  provider?: Provider,
): CallbackUrl {
  const url = URL.canParse(callbackUrl) ? new URL(callbackUrl) : undefined;
  const why = url === undefined
    ? "it is not a URL"
    : !/^https?:$/.test(url.protocol)
    ? "it is neither http nor https"
    : /\s/.test(callbackUrl)
    ? "it contains whitespace"
    : callbackUrl.includes("\\")
    ? "it contains a backslash"
    : url.username !== "" || url.password !== ""
    ? "it contains a user name"
    : callbackUrl.includes("#")
    ? "it contains a fragment (#), which redirects do not preserve"
    : provider?.httpsCallbackOnly && url.protocol !== "https:"
    ? `${provider.name} accepts only https callback URLs`
    : undefined;
  if (url === undefined || why !== undefined) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use "${callbackUrl}" as the callback URL: ${why}`,
      {
        hint:
          "use the URL exactly as registered with the broker, such as https://127.0.0.1:8182",
      },
    );
  }
  const warnings: string[] = [];
  const hosts = callbackHosts(callbackUrl);
  if (!callbackUrl.startsWith(`${url.protocol}//${url.host}`)) {
    // URL parsing lowers case and drops a default port; the broker compares letter for letter.
    warnings.push(
      `its form is unusual (${url.origin}); the broker compares it exactly`,
    );
  }
  if (
    provider?.localhostWarning !== undefined && url.hostname === "localhost"
  ) {
    warnings.push(provider.localhostWarning);
  }
  if (url.pathname === "/" && /[^/]\/$/.test(callbackUrl)) {
    warnings.push("it ends in a slash; the registered one must, too");
  }
  if (BLOCKED.includes(Number(url.port))) {
    warnings.push(`browsers refuse to open port ${url.port} (ERR_UNSAFE_PORT)`);
  }
  if (hosts.length === 0) {
    const elsewhere = url.port === "0"
      ? "browsers cannot open port 0; use another, such as 8182"
      : /^(0\.0\.0\.0|\[::\])$/.test(url.hostname)
      ? `${url.hostname} is not an address that a browser can open; use 127.0.0.1`
      : "it is not on this machine";
    warnings.push(`${elsewhere}: you must paste the URL after each login`);
  } else if (
    (url.port === ""
      ? (url.protocol === "https:" ? 443 : 80)
      : Number(url.port)) < 1024
  ) {
    warnings.push(
      "its port is below 1024, which needs administrator rights; use 8182",
    );
  }
  return { hosts, https: url.protocol === "https:", warnings };
}
