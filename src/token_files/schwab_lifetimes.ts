/** Schwab's lifetimes, in seconds: no file states that of the refresh token, which counts from the login. */
export const ACCESS_LIFETIME = 1800;
/** Seven days. */
export const REFRESH_LIFETIME = 604_800;
/** The one scope that Schwab grants. */
export const SCOPE = "api";
