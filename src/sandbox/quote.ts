import type { SandboxBroker } from "./sandbox_options.ts";

/** A made-up quote in the shape of the broker's; its prices follow from the symbol. */
export function quote(
  broker: SandboxBroker,
  symbol: string,
  time: number,
): Record<string, unknown> {
  let seed = 7;
  for (const character of symbol) {
    seed = (seed * 31 + character.charCodeAt(0)) % 99_991;
  }
  const lastPrice = cents(10 + seed % 49_000 / 100);
  const netChange = cents((seed % 601 - 300) / 100);
  const prices = {
    bidPrice: cents(lastPrice - 0.01),
    askPrice: cents(lastPrice + 0.01),
    bidSize: 1 + seed % 9,
    askSize: 1 + seed % 7,
    lastPrice,
    openPrice: cents(lastPrice - netChange / 2),
    highPrice: cents(lastPrice + 1.5),
    lowPrice: cents(lastPrice - 1.5),
    closePrice: cents(lastPrice - netChange),
    netChange,
    totalVolume: 1000 * (1 + seed % 9000),
  };
  const description = `${symbol} (made up by the practice broker)`;
  if (broker === "tdameritrade") {
    return {
      assetType: "EQUITY",
      assetMainType: "EQUITY",
      symbol,
      description,
      ...prices,
      quoteTimeInLong: time,
      tradeTimeInLong: time,
      exchangeName: "NASD",
      securityStatus: "Normal",
      delayed: false,
    };
  }
  return {
    assetMainType: "EQUITY",
    assetSubType: "COE",
    quoteType: "NBBO",
    realtime: true,
    ssid: seed,
    symbol,
    quote: {
      ...prices,
      mark: lastPrice,
      quoteTime: time,
      tradeTime: time,
      securityStatus: "Normal",
    },
    reference: { description, exchange: "Q", exchangeName: "NASDAQ" },
  };
}

function cents(amount: number): number {
  return Math.round(amount * 100) / 100;
}
