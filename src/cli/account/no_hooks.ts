import { TdauthError } from "../../base/errors.ts";
import { HOOK_EVENTS, type HookEventName } from "../../hooks/hook_event.ts";
import { HOOKS_EXAMPLE } from "../../hooks/parse_hooks.ts";
import { configPath } from "../../settings/config_file.ts";

/**
 * The error for a command that needs hooks where there are none, with what to write.
 *
 * @param configDir The configuration directory.
 * @param event The event that there are none for; `undefined` for any.
 * @returns The error.
 */
export function noHooks(
  configDir: string,
  event?: HookEventName,
): TdauthError {
  const path = configPath(configDir);
  return event === undefined
    ? new TdauthError(
      "invalid_options",
      `Cannot tell anyone: there are no hooks in "${path}"`,
      { hint: `write them there, beside "profiles": ${HOOKS_EXAMPLE}` },
    )
    : new TdauthError(
      "invalid_options",
      `Cannot test the hooks: none in "${path}" hears of ${event}`,
      {
        hint: `give one "on": ["${event}"]${
          HOOK_EVENTS[event].byDefault ? `, or leave out its "on"` : ""
        }`,
      },
    );
}
