/** What people call the brokers. */
const NAMES: Readonly<Record<string, string>> = {
  schwab: "Charles Schwab",
  tdameritrade: "TD Ameritrade",
};

/** A provider's name as people know it; an issuer is called by its URL. */
export function brokerName(provider: string): string {
  return NAMES[provider] ?? provider;
}
