/** The longest lifetime of a token, in seconds: ten years. Anything longer is damaged or nonsense. */
export const LONGEST_LIFETIME = 315_576_000;

/** The end of the year 9999, in seconds since the epoch: no time in a token file is later. */
export const LATEST = 253_402_300_799;

/** The most that must be left of an access token, in seconds, where nothing says how much. */
const MOST_LEFT = 60;

/**
 * Returns how much of an access token must be left to use it as it is. Its age
 * decides, not a constant: of a token that lives a minute, a minute is all.
 *
 * @param expiresIn Its lifetime, in seconds.
 * @param minValid What the caller asked for, in seconds.
 * @returns What the caller asked for, else 60, or a tenth of a lifetime below ten minutes.
 */
export function leastValid(expiresIn: number, minValid?: number): number {
  return minValid ?? Math.min(MOST_LEFT, expiresIn / 10);
}

/** Whose token a file must hold. */
export interface HeldBy {
  /** The id of the provider that issued it. */
  readonly provider: string;
  /** The app's key. */
  readonly consumerKey: string;
  /** How many seconds it must still be valid. @default {as {@linkcode leastValid} says} */
  readonly minValid?: number | undefined;
}

/** An access token as a file holds it. */
export interface HeldToken {
  /** The token. */
  readonly token: string;
  /** When it was issued, in seconds since the epoch. */
  readonly accessTime: number;
  /** Its lifetime, in seconds. */
  readonly expiresIn: number;
  /** The id of the provider that the file names; absent in a file of pyTD's. */
  readonly provider: string | undefined;
  /** The origin of the API that came with it, as the file has it. */
  readonly apiOrigin: string | undefined;
}

/**
 * Finds the access token in the text of a token file, if it can be used as it is.
 * It says nothing about anything else: `parseTokens()` does, which takes longer
 * to load than the rest of the way to a cached token. A property test keeps the
 * two in agreement.
 *
 * @param text The text of the file.
 * @param by Whose it must be.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The token; `undefined` when it needs a refresh, a key or an error.
 */
export function heldToken(
  text: string,
  { provider, consumerKey, minValid }: HeldBy,
  now: number,
): HeldToken | undefined {
  try {
    const file = JSON.parse(text);
    const { token, access_time, expires_in } = file.access_token;
    const time = now / 1000;
    const usable = typeof token === "string" && /^[ -~]+$/.test(token) &&
      typeof access_time === "number" && typeof expires_in === "number" &&
      access_time >= 0 && access_time <= time &&
      expires_in <= LONGEST_LIFETIME &&
      access_time + expires_in - time > leastValid(expires_in, minValid) &&
      (file.version ?? 1) === 1 && !text.includes("sealed") &&
      (file.provider ?? provider) === provider &&
      (file.consumer_key ?? consumerKey) === consumerKey;
    return usable
      ? {
        token,
        accessTime: access_time,
        expiresIn: expires_in,
        provider: file.provider ?? undefined,
        apiOrigin: typeof file.api_origin === "string"
          ? file.api_origin
          : undefined,
      }
      : undefined;
  } catch {
    return undefined;
  }
}
