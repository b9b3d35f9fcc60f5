import { TdauthError } from "../../base/errors.ts";

/** Redis' transient errors: it starts, changes its role, or moves keys. */
const PASSING =
  /^(LOADING|MASTERDOWN|READONLY|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS) /;

/** No reply in time. */
export class TimedOut extends Error {}

/** Nothing was sent: there is no connection. */
export class NotSent extends Error {}

/** Whether Redis replied with an error: its errors begin with an upper-case code. */
export function isReply(error: unknown): boolean {
  return !(error instanceof TimedOut) && /^[A-Z]+ /.test(messageOf(error));
}

/** Whether the same command may succeed in a moment. */
export function isTransient(error: unknown): boolean {
  return !isReply(error) || PASSING.test(messageOf(error));
}

/** Rejects work that takes too long, in milliseconds. */
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

/** The caller's error for a command that failed for good. */
export function failure(cause: unknown): TdauthError {
  if (isReply(cause)) return refused(cause);
  if (isUntrusted(cause)) {
    return new TdauthError(
      "cache_unreadable",
      "Cannot reach the stored tokens: Redis' certificate is not trusted",
      {
        hint:
          "use the certificate's host name, and set DENO_CERT to the CA that signed it",
        cause,
      },
    );
  }
  return new TdauthError(
    "cache_unreadable",
    "Cannot reach the stored tokens: Redis is unavailable",
    { hint: "restart Redis; nothing is lost in the meantime" },
  );
}

function refused(cause: unknown): TdauthError {
  const code = /^[A-Z]+/.exec(messageOf(cause))?.[0] ?? "an error";
  if (/^(WRONGPASS|NOAUTH|NOPERM)$/.test(code)) {
    return new TdauthError(
      "cache_unreadable",
      `Cannot use the stored tokens: Redis rejected the credentials (${code})`,
      { hint: "check the user and password in the URL", cause },
    );
  }
  if (code === "WRONGTYPE") {
    return new TdauthError(
      "cache_corrupt",
      "Cannot understand the stored tokens: Redis has something else under their key",
      {
        hint:
          "log in again, which replaces it; give tdauth a prefix of its own",
        cause,
      },
    );
  }
  if (code === "OOM") {
    return new TdauthError(
      "cache_unreadable",
      "Cannot store the tokens: the memory of Redis is full",
      {
        hint:
          "give Redis more memory; new tokens are kept in this process and stored then",
        cause,
      },
    );
  }
  if (code === "READONLY") {
    return new TdauthError(
      "cache_unreadable",
      "Cannot use the stored tokens: this Redis is a read-only replica",
      { hint: "connect to the primary", cause },
    );
  }
  return new TdauthError(
    "cache_unreadable",
    `Cannot use the stored tokens: Redis returned ${code}`,
    { hint: "check the Redis log", cause },
  );
}

function isUntrusted(error: unknown): boolean {
  return /certificate|CERT_|UnknownIssuer/i.test(messageOf(error));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
