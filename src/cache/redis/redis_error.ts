import { TdauthError } from "../../base/errors.ts";

/** Redis' own errors that pass: it starts, changes its role, or moves keys. */
const PASSING =
  /^(LOADING|MASTERDOWN|READONLY|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS) /;

/** No answer in time. */
export class TimedOut extends Error {}

/** Nothing was sent: there is no connection. */
export class NotSent extends Error {}

/** Whether Redis said no, rather than nothing: its own errors have an upper-case code in front. */
export function isReply(error: unknown): boolean {
  return !(error instanceof TimedOut) && /^[A-Z]+ /.test(messageOf(error));
}

/** Whether the same command may succeed in a moment. */
export function isTransient(error: unknown): boolean {
  return !isReply(error) || PASSING.test(messageOf(error));
}

/** Gives up on work that takes too long, in milliseconds. */
export async function withLimit<T>(
  work: Promise<T>,
  limit: number,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimedOut()), limit);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the caller is told of a command that failed for good. */
export function failure(cause: unknown): TdauthError {
  if (isReply(cause)) return refused(cause);
  if (isUntrusted(cause)) {
    return new TdauthError(
      "cache_unreadable",
      "Cannot reach the stored tokens: Redis' certificate is not trusted",
      {
        hint:
          "use the name that is in the certificate, and give Deno the authority that signed it: DENO_CERT",
        cause,
      },
    );
  }
  return new TdauthError(
    "cache_unreadable",
    "Cannot reach the stored tokens: Redis does not answer",
    { hint: "start Redis again; nothing is lost meanwhile" },
  );
}

function refused(cause: unknown): TdauthError {
  const code = /^[A-Z]+/.exec(messageOf(cause))?.[0] ?? "an error";
  if (/^(WRONGPASS|NOAUTH|NOPERM)$/.test(code)) {
    return new TdauthError(
      "cache_unreadable",
      `Cannot use the stored tokens: Redis does not let this application in (${code})`,
      { hint: "compare user and password in the URL with Redis' own", cause },
    );
  }
  if (code === "READONLY") {
    return new TdauthError(
      "cache_unreadable",
      "Cannot use the stored tokens: this Redis is a replica, which takes no writes",
      { hint: "connect to its primary", cause },
    );
  }
  return new TdauthError(
    "cache_unreadable",
    `Cannot use the stored tokens: Redis answers ${code}`,
    { hint: "see what Redis' own log says", cause },
  );
}

function isUntrusted(error: unknown): boolean {
  return /certificate|CERT_|UnknownIssuer/i.test(messageOf(error));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
