import type { Hook } from "./hook.ts";
import type { HookEvent } from "./hook_event.ts";
import type { HookOutcome } from "./hook_outcome.ts";
import { hookText } from "./hook_text.ts";
import { postHook } from "./post_hook.ts";
import { runHook } from "./run_hook.ts";
import { showNotification } from "./show_notification.ts";

/** The edges of {@linkcode deliver}. */
export interface DeliverOptions {
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Sends requests. */
  readonly fetch: typeof fetch;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** Whether a hook is to hear of an event. */
export function hears(hook: Hook, { event, profile }: HookEvent): boolean {
  return hook.on.includes(event) &&
    (hook.profiles === undefined || hook.profiles.includes(profile));
}

/**
 * Tells a hook of an event, once.
 *
 * @param hook The hook.
 * @param event The event.
 * @param options The edges.
 * @returns What became of it.
 */
export async function deliver(
  hook: Hook,
  event: HookEvent,
  { now, fetch, signal }: DeliverOptions,
): Promise<HookOutcome> {
  const text = hookText(event, now());
  if ("run" in hook) return await runHook(hook.run, event, text, signal);
  if ("url" in hook) {
    return await postHook(hook.url, event, text, { fetch, signal });
  }
  return await showNotification(text, { signal });
}

/**
 * Names a hook for people. Of a URL only the origin is shown: who knows the name
 * of a topic can read it.
 *
 * @param hook The hook.
 * @returns Its number and what it does.
 */
export function hookName(hook: Hook): string {
  const what = "run" in hook
    ? hook.run[0]
    : "url" in hook
    ? new URL(hook.url).origin
    : "notify";
  return `hook ${hook.number} (${what})`;
}
