/** Every preset, a line each, under the word that settings use for it. */
export { questradePreset as questrade } from "./questrade.ts";
export { schwabPreset as schwab } from "./schwab.ts";
export { tdAmeritradePreset as tdameritrade } from "./td_ameritrade.ts";
export { tastytradePreset as tastytrade } from "./tastytrade.ts";
export { tradeStationPreset as tradestation } from "./trade_station.ts";
