import { deadline } from "../base/deadline.ts";
import { networkReason } from "../base/network_failure.ts";
import { proxyFor } from "../system/proxy.ts";
import type { HookEvent } from "./hook_event.ts";
import { HOOK_LIMIT, type HookOutcome } from "./hook_outcome.ts";
import type { HookText } from "./hook_text.ts";

/**
 * How ntfy shows the JSON: it fills these templates from the body (ntfy 2.10,
 * docs.ntfy.sh/publish, "Message templating"). Others ignore the headers.
 */
const NTFY = {
  template: "yes",
  title: "{{.title}}",
  message: "{{.message}}",
};

/** The edges of {@linkcode postHook}. */
export interface PostOptions {
  /** Sends the request. */
  readonly fetch: typeof fetch;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** How long it may take, in milliseconds. @default {10 seconds} */
  readonly limit?: number;
}

/**
 * Sends an event to the URL of a hook, as JSON. A redirect is not followed: the
 * user has chosen where it goes.
 *
 * @param url The URL.
 * @param event The event.
 * @param text The event in words.
 * @param options The edges.
 * @returns Whether it was accepted.
 */
export async function postHook(
  url: string,
  event: HookEvent,
  text: HookText,
  { fetch, signal, limit = HOOK_LIMIT }: PostOptions,
): Promise<HookOutcome> {
  using end = deadline(limit);
  const { title, message } = text;
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/json", ...NTFY },
      // Slack, Mattermost and others show `text`.
      body: JSON.stringify({
        ...event,
        due: event.due ?? null,
        title,
        message,
        text: `${title}: ${message}`,
      }),
      signal: signal === undefined
        ? end.signal
        : AbortSignal.any([signal, end.signal]),
    });
    const { status, ok } = response;
    await response.body?.cancel();
    if (ok) return { ok };
    return {
      ok: false,
      why: status >= 300 && status < 400
        ? `it answered ${status}, and a redirect is not followed`
        : `it answered ${status}`,
      transient: status >= 500 || status === 429 || status === 408,
    };
  } catch (error) {
    if (signal?.aborted) {
      return { ok: false, why: "it was interrupted", transient: true };
    }
    const why = end.signal.aborted
      ? `no answer within ${limit / 1000} seconds`
      : networkReason(error, proxyFor(url));
    return { ok: false, why, transient: true };
  }
}
