import type { AccessToken } from "../../token/token.ts";
import type { Command } from "../grammar/command.ts";
import { formatDuration, writeDuration } from "../terminal/duration.ts";
import { style } from "../terminal/output.ts";

/**
 * Notes that even a new token expires before `--min-valid`, so that every call
 * requests one.
 *
 * @param command The command.
 * @param token The token that it uses.
 * @param minValid The `--min-valid`, in seconds, if given.
 */
export function noteShort(
  command: Command,
  { remaining }: AccessToken,
  minValid: number | undefined,
): void {
  if (minValid === undefined || remaining > minValid) return;
  const { yellow } = style(command, "err");
  command.io.err(
    `${yellow("note:")} the token is valid for ${
      formatDuration(remaining)
    }, which is less than --min-valid ${
      writeDuration(minValid)
    }: each call requests a new one\n`,
  );
}
