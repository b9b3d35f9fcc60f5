import type { Command } from "../grammar/command.ts";
import { accountCommands } from "../grammar/named_command.ts";

/** A text that names the next command, for the profile that the present one is for. */
export function ofProfile(
  { io, settings, commands }: Command,
  text: string,
): string {
  const profile = settings.profile ?? io.env("TD_PROFILE") ?? "default";
  if (profile === "default" || !text.includes("tdauth ")) return text;
  return text.replace(
    new RegExp(
      `\\btdauth (${
        accountCommands(commands).join("|")
      })\\b(?! --(?:profile|help|all)\\b)`,
      "g",
    ),
    (command) => `${command} --profile ${profile}`,
  );
}
