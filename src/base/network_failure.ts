/** Why a request got no response. */
export type NetworkProblem =
  | "timeout"
  | "name"
  | "refused"
  | "unreachable"
  | "certificate"
  | "certificate time"
  | "tls"
  | "proxy password"
  | "proxy"
  | "cut"
  | "unknown";

/** What became of a request without a response. */
export interface NetworkFailure {
  /** Why there was none. */
  readonly problem: NetworkProblem;
  /** Whether the request never went out. */
  readonly unsent: boolean;
  /** Whether it went out, and the connection ended before the response was whole. */
  readonly lost: boolean;
  /** The runtime's own words without URLs; empty when it has none. */
  readonly words: string;
}

/** Node's and other runtimes' codes; Deno has none but the system's in its words. */
const CODES: Readonly<Record<string, NetworkProblem>> = {
  ECONNREFUSED: "refused",
  ENOTFOUND: "name",
  EAI_AGAIN: "name",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  UND_ERR_CONNECT_TIMEOUT: "unreachable",
  ETIMEDOUT: "unreachable",
  CERT_HAS_EXPIRED: "certificate time",
  CERT_NOT_YET_VALID: "certificate time",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate",
  ECONNRESET: "cut",
  EPIPE: "cut",
  UND_ERR_SOCKET: "cut",
};

/**
 * Deno's words by what they mean, the most exact first. They hold no URL and no
 * quoted name: a host may be called "refused" or "certificate".
 */
const WORDS: readonly (readonly [RegExp, NetworkProblem])[] = [
  [/proxy authentication required/i, "proxy password"],
  [/tunnel/i, "proxy"],
  [/certificate.*(?:expired|not ?valid ?yet)/i, "certificate time"],
  [/certificate/i, "certificate"],
  [/dns error|failed to lookup/i, "name"],
  // The text differs with the system's language, the number with the system: Linux, macOS, Windows.
  [/connection refused|\(os error (?:111|61|10061)\)/i, "refused"],
  [
    /unreachable|no route|\(os error (?:101|113|110|51|65|60|10051|10065|10060)\)/i,
    "unreachable",
  ],
  [
    /reset|broken pipe|connection closed|end of file|reading a body|SendRequest/i,
    "cut",
  ],
  [/\btls\b|handshake|corrupt message|alert/i, "tls"],
];

/** The kinds of failures that come before a request is sent. */
const BEFORE_REQUEST: readonly NetworkProblem[] = [
  "name",
  "refused",
  "unreachable",
  "certificate",
  "certificate time",
  "tls",
  "proxy password",
  "proxy",
];

/**
 * Finds out why a request got no response, from the cause's code where there is
 * one, else from the runtime's words after the URL, which is never looked at.
 *
 * @param error What `fetch` or reading the body threw.
 * @returns What became of the request.
 */
export function networkFailure(error: unknown): NetworkFailure {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return { problem: "timeout", unsent: false, lost: false, words: "" };
  }
  const chain = chainOf(error);
  const words = runtimeWords(chain);
  const problem = chain.map(codeOf).find((code) => code !== undefined) ??
    WORDS.find(([pattern]) => pattern.test(withoutNames(words)))?.[1] ??
    "unknown";
  const unsent = BEFORE_REQUEST.includes(problem) ||
    /client error \(Connect\)/.test(words);
  return { problem, unsent, lost: !unsent && problem === "cut", words };
}

/**
 * Says in a few words why a request got no response.
 *
 * @param error What `fetch` or reading the body threw.
 * @param proxy The proxy that the request goes through, as host and port.
 * @returns The words, for a message.
 */
export function networkReason(error: unknown, proxy?: string): string {
  return failureReason(networkFailure(error), proxy);
}

/**
 * Says in a few words why a request got no response.
 *
 * @param failure What became of the request.
 * @param proxy The proxy that the request goes through, as host and port.
 * @returns The words, for a message.
 */
export function failureReason(
  { problem, unsent }: Pick<NetworkFailure, "problem" | "unsent">,
  proxy?: string,
): string {
  // Behind a proxy, only its own name is resolved here, and only it is connected to.
  const who = proxy === undefined ? "it" : `the proxy ${proxy}`;
  const through = proxy === undefined ? "" : ` (through the proxy ${proxy})`;
  const name = proxy === undefined ? "its name" : `the name of ${who}`;
  switch (problem) {
    case "timeout":
      return `it timed out${through}`;
    case "name":
      return `${name} does not resolve: is the network up?`;
    case "refused":
      return `${who} refused the connection`;
    case "unreachable":
      return `${who} cannot be reached from this network`;
    case "certificate":
      return `its TLS certificate is not trusted on this machine${through}`;
    case "certificate time":
      return `its TLS certificate has expired or is not valid yet${through}`;
    case "tls":
      return `the TLS handshake failed${through}`;
    case "proxy password":
      return `the proxy${
        proxy === undefined ? "" : ` ${proxy}`
      } requires a user name and password (407)`;
    case "proxy":
      return `the proxy${
        proxy === undefined ? "" : ` ${proxy}`
      } did not connect to it`;
    case "cut":
    case "unknown":
      return unsent && proxy !== undefined
        ? `the connection to ${who} failed or was reset`
        : `the connection failed or was reset${through}`;
  }
}

function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (
    let one = error;
    one instanceof Error && chain.length < 5;
    one = one.cause
  ) chain.push(one);
  return chain;
}

function codeOf(error: Error): NetworkProblem | undefined {
  const code = "code" in error ? error.code : undefined;
  return typeof code === "string" && Object.hasOwn(CODES, code)
    ? CODES[code]
    : undefined;
}

/** The innermost words, from behind the URL on; a URL has no blanks. */
function runtimeWords(chain: readonly Error[]): string {
  const message = chain.at(-1)?.message ?? "";
  const from = message.search(/client error \(\w+\): /);
  return from >= 0
    ? message.slice(from)
    : message.replace(/\(?[a-z]+:\/\/\S+/gi, "").trim();
}

/** Certificates' errors list the names that they are valid for. */
function withoutNames(words: string): string {
  return words.replace(/"[^"]*"/g, "");
}
