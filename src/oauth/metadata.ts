import {
  allowInsecureRequests,
  customFetch,
  type CustomFetchOptions,
  discoveryRequest,
} from "oauth4webapi";
import { deadline } from "../base/deadline.ts";
import { TdauthError } from "../base/errors.ts";
import { isLoopback, secureUrl } from "../base/loopback.ts";
import { limitedText } from "../base/network.ts";
import { networkReason } from "../base/network_failure.ts";
import { proxyFor } from "../system/proxy.ts";
import { isIssuer } from "./issuer.ts";

/** What an issuer says of itself; nothing but its `issuer` has been checked. */
export type Metadata = Readonly<Record<string, unknown>> & {
  /** The issuer, as it names itself. */
  readonly issuer: string;
};

/** Edges of the requests. */
export interface MetadataOptions {
  /** The `fetch` to use. @default {globalThis.fetch} */
  readonly fetch?: typeof fetch;
  /** The `User-Agent` of the requests. @default {the library's} */
  readonly userAgent?: string;
  /** Ends the requests. */
  readonly signal?: AbortSignal;
}

/** How long the metadata may take, in milliseconds. */
const TIMEOUT = 15_000;
/** How many redirects of the issuer's own are followed. */
const MOST_REDIRECTS = 5;

/** An address that was tried and what came back. */
interface Tried {
  readonly address: string;
  readonly answer: string;
  /** Whether the same request may succeed later. */
  readonly transient?: boolean;
}

/**
 * Asks an issuer for its metadata, by OpenID Connect Discovery 1.0 and, where
 * that is not there, by RFC 8414. Redirects to the same origin are followed, as
 * to a final slash; whatever type a server gives the metadata, JSON is read.
 *
 * @param url The issuer.
 * @param issuer The issuer, as it was given.
 * @param options The edges.
 * @returns The metadata, whose issuer is the one that was asked for.
 * @throws {TdauthError} `broker_unavailable` when it cannot be reached;
 * `unexpected_answer` when there is none, which names each address and its answer,
 * or when it is another issuer's, which names both.
 */
export async function fetchMetadata(
  url: URL,
  issuer: string,
  options: MetadataOptions,
): Promise<Metadata> {
  using limit = deadline(TIMEOUT);
  const signal = options.signal
    ? AbortSignal.any([options.signal, limit.signal])
    : limit.signal;
  const tried: Tried[] = [];
  for (const algorithm of ["oidc", "oauth2"] as const) {
    let address = "";
    const fetcher = async (
      first: string,
      init: CustomFetchOptions<"GET", undefined>,
    ) => {
      const { method, redirect, signal } = init;
      const headers = new Headers(init.headers);
      if (options.userAgent !== undefined) {
        headers.set("user-agent", options.userAgent);
      }
      const { response, last } = await followed(
        first,
        { headers, method, redirect, ...(signal && { signal }) },
        options.fetch ?? fetch,
      );
      address = last;
      return response;
    };
    try {
      const response = await discoveryRequest(url, {
        algorithm,
        signal,
        [allowInsecureRequests]: isLoopback(url),
        [customFetch]: fetcher,
      });
      const read = await metadataIn(response, address);
      if (!("answer" in read)) return checkIssuer(issuer, read.metadata);
      tried.push(read);
    } catch (error) {
      if (error instanceof TdauthError) throw error;
      options.signal?.throwIfAborted();
      throw new TdauthError(
        "broker_unavailable",
        `Cannot reach the issuer "${issuer}": ${
          networkReason(error, proxyFor(issuer))
        }`,
        { hint: "check the URL and the network" },
      );
    }
  }
  const answers = tried.map(({ address, answer }) => `${address} ${answer}`)
    .join("; ");
  if (tried.some(({ transient }) => transient)) {
    throw new TdauthError(
      "broker_unavailable",
      `Cannot read the metadata of "${issuer}": ${answers}`,
      { hint: "try again later" },
    );
  }
  throw notUnderstood(issuer, answers);
}

/** Follows redirects to the same origin; `last` is the address that answered. */
async function followed(
  first: string,
  init: RequestInit,
  fetcher: typeof fetch,
): Promise<{ response: Response; last: string }> {
  let last = first;
  for (let hops = 0;; hops++) {
    const response = await fetcher(last, init);
    const next = targetOf(response, last);
    if (
      next === undefined || next.origin !== new URL(first).origin ||
      hops === MOST_REDIRECTS
    ) return { response, last };
    await response.body?.cancel();
    last = next.href;
  }
}

function targetOf(
  { status, headers }: Response,
  from: string,
): URL | undefined {
  const location = headers.get("location");
  return status >= 300 && status < 400 && location !== null &&
      URL.canParse(location, from)
    ? new URL(location, from)
    : undefined;
}

/** The metadata in a response, or why it has none. */
async function metadataIn(
  response: Response,
  address: string,
): Promise<Tried | { readonly metadata: Metadata }> {
  const { status } = response;
  if (status !== 200) {
    await response.body?.cancel();
    const target = targetOf(response, address);
    const answer = target === undefined
      ? `returned ${status}`
      : `redirects to ${target.origin}, which is not followed (${status})`;
    return { address, answer, transient: status === 429 || status >= 500 };
  }
  const text = await limitedText(response);
  if (text === undefined) {
    return { address, answer: "returned more than 1 MiB" };
  }
  // Some show the same page wherever there is nothing, and some call JSON a file to download.
  const metadata = parseObject(text);
  if (metadata !== undefined) {
    const { issuer } = metadata;
    return typeof issuer === "string" && URL.canParse(issuer)
      ? { metadata: { ...metadata, issuer } }
      : { address, answer: "returned JSON that names no issuer" };
  }
  const kind = /^\s*</.test(text) ? "a web page" : "something other than JSON";
  return { address, answer: `returned ${kind}` };
}

/** Security checklist, line 13: exactly the issuer that was asked for. */
function checkIssuer(issuer: string, metadata: Metadata): Metadata {
  const { issuer: named } = metadata;
  // A root's slash means nothing, any other one does.
  const same = new URL(named).href === new URL(issuer).href ||
    isIssuer(issuer, named);
  if (same) return metadata;
  throw new TdauthError(
    "unexpected_answer",
    `Cannot use the metadata of "${issuer}": its issuer is "${named}"`,
    {
      hint: secureUrl(named)
        ? {
          text: "if that is your provider, use the issuer as it names itself:",
          command: ["configure", "--provider", named],
        }
        : "check the issuer's URL",
    },
  );
}

/** An error about what an issuer's addresses answer. */
export function notUnderstood(issuer: string, why: string): TdauthError {
  return new TdauthError(
    "unexpected_answer",
    `Cannot use the metadata of "${issuer}": ${why}`,
    {
      hint:
        "check the issuer's URL, or set the endpoints instead: --authorization-endpoint and --token-endpoint",
    },
  );
}

function parseObject(
  text: string,
): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
