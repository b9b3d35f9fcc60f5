import type { Command } from "../grammar/command.ts";

/** A path as people write it: with `~` for their home. */
export function tilde({ io }: Command, path: string): string {
  const home = io.env("HOME");
  return home !== undefined && path.startsWith(`${home}/`)
    ? `~${path.slice(home.length)}`
    : path;
}
