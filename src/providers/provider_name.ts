/** What settings call a broker: one of the presets, or the URL of an issuer whose endpoints are discovered. */
export type ProviderName =
  // begin presets: `tools/check_tables.ts --write` makes these of their list
  | "questrade"
  | "schwab"
  | "tastytrade"
  | "tdameritrade"
  | "tradestation"
  // end presets
  // With it editors offer the others, and any text is taken.
  | (string & Record<never, never>);
