import type { Command } from "../grammar/command.ts";

/** Abbreviates the home directory in a path to `~`. */
export function tilde({ io }: Command, path: string): string {
  const home = io.env("HOME");
  return home !== undefined && path.startsWith(`${home}/`)
    ? `~${path.slice(home.length)}`
    : path;
}
