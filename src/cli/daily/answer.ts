/** What a command printed, for `cli.ts` to write. */
export interface Answer {
  /** For standard output. */
  readonly out: string;
  /** For standard error output. @default {nothing} */
  readonly err?: string;
  /** The exit code. @default {0} */
  readonly code?: number;
}
