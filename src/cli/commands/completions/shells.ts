/** The shells with completions. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of {@linkcode SHELLS}. */
export type Shell = typeof SHELLS[number];

/** All of them in a sentence: `bash, zsh or fish`. */
export const SHELL_NAMES: string = SHELLS.join(", ").replace(
  /, (?=[^,]*$)/,
  " or ",
);
