/** How long a hook may take, in milliseconds. */
export const HOOK_LIMIT = 10_000;

/** What became of a hook. */
export type HookOutcome =
  | { readonly ok: true }
  | {
    readonly ok: false;
    /** Why it failed, in words that name no URL. */
    readonly why: string;
    /** What it printed, as it is; absent where that is nothing. */
    readonly output?: string | undefined;
    /** Whether trying again may help. @default {false} */
    readonly transient?: boolean;
  };
