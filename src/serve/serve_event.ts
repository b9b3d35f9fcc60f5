/** What is seen of an account's tokens. There is no token in it. */
export interface SeenTokens {
  /** Until when the access token is valid, in seconds since the epoch; 0 when it is not, `Infinity` when that is unknown. */
  readonly validUntil: number;
  /** When it is refreshed ahead, in seconds since the epoch; `Infinity` for never. */
  readonly refreshAt: number;
  /** When the next login is due, in seconds since the epoch; 0 when it is now, `Infinity` when that is unknown. */
  readonly loginDue: number;
}

/** What happens to a profile that `tdauth serve` keeps fresh. */
export type ServeEvent =
  & {
    /** The profile. */
    readonly profile: string;
  }
  & (
    /** Its tokens were found, or another process has changed them. */
    | { readonly is: "seen"; readonly tokens: SeenTokens }
    /** It was refreshed. */
    | { readonly is: "refreshed"; readonly tokens: SeenTokens }
    /** A refresh has failed; the next one is at `again`, in seconds since the epoch. */
    | {
      readonly is: "failed";
      readonly error: unknown;
      readonly again: number;
    }
    /** Its settings or its tokens cannot be read. */
    | { readonly is: "unreadable"; readonly error: unknown }
    /** Another machine keeps its tokens, so that it is left alone. */
    | { readonly is: "follower"; readonly keeper: string }
    /** It is no longer in the settings. */
    | { readonly is: "gone" }
  );
