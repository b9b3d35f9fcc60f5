import { TdauthError } from "../base/errors.ts";
import type { CallbackServer } from "./callback_server.ts";
import type { LoginEvent } from "./login_event.ts";
import { describeRejection, parsePastedUrl } from "./pasted_url.ts";

/** The longest pasted text, in characters: no server accepts a longer URL. */
const LONGEST_PASTE = 16_384;

/** A login, as far as the wait for its redirect needs it. */
export interface AwaitedLogin {
  /** The provider's name. */
  readonly name: string;
  /** The callback URL, as it was sent. */
  readonly callbackUrl: string;
  /** Redirect URLs that the user pastes, one a line. */
  readonly pastedUrls?: AsyncIterable<string>;
}

/**
 * Waits for the first valid redirect, whether the browser brings it or the user pastes it.
 *
 * @param options The login.
 * @param state What the redirect must carry.
 * @param server The callback server, where there is one.
 * @param signal Ends the wait.
 * @param emit Hears of pasted URLs that are refused.
 * @returns The redirect's parameters.
 */
export async function firstRedirect(
  options: AwaitedLogin,
  state: string,
  server: CallbackServer | undefined,
  signal: AbortSignal,
  emit: (event: LoginEvent) => void,
): Promise<URLSearchParams> {
  const lines = options.pastedUrls?.[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  const sources: Promise<URLSearchParams>[] = [aborted.promise];
  if (server !== undefined) sources.push(server.redirect);
  if (lines !== undefined) {
    sources.push(pasted(lines, options, state, server === undefined, emit));
  }
  try {
    return await Promise.race(sources);
  } finally {
    signal.removeEventListener("abort", abort);
    // Not awaited: a reader that waits for a line returns only when one comes.
    lines?.return?.().catch(() => {});
  }
}

/** The first valid URL that is pasted. */
async function pasted(
  lines: AsyncIterator<string>,
  options: AwaitedLogin,
  state: string,
  alone: boolean,
  emit: (event: LoginEvent) => void,
): Promise<URLSearchParams> {
  let parts = "";
  while (true) {
    const line = await lines.next();
    if (line.done) break;
    const text = line.value.trim();
    if (text === "") continue;
    const check = parsePastedUrl(text, options.callbackUrl, state);
    if (check.ok) return check.parameters;
    // A URL that was copied with line breaks arrives in several lines.
    parts = /^["'<]*https?:/i.test(text) ? "" : parts;
    parts = `${parts}${text}`.slice(-LONGEST_PASTE);
    const joined = parsePastedUrl(parts, options.callbackUrl, state);
    if (joined.ok) return joined.parameters;
    emit({
      type: "rejected",
      from: "paste",
      reason: describeRejection(check.reason),
    });
  }
  // The input has ended. With a callback server the login continues without it.
  if (!alone) return await new Promise<never>(() => {});
  throw new TdauthError(
    "login_cancelled",
    `Cannot log in to ${options.name}: the input ended before a URL was pasted`,
    { hint: [{ text: "run", command: ["login"] }, " in a terminal"] },
  );
}
