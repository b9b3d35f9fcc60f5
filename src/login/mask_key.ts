/** Enough of a consumer key to tell one's apps apart. */
export function maskKey(key: string): string {
  return key.length <= 16 ? key : `${key.slice(0, 4)}…${key.slice(-4)}`;
}
