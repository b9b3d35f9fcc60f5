/** Every preset, a line each, under the word that settings use for it. */
export { schwabPreset as schwab } from "./schwab.ts";
export { tdAmeritradePreset as tdameritrade } from "./td_ameritrade.ts";
