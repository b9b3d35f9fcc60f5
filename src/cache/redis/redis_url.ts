import { TdauthError } from "../../base/errors.ts";

/**
 * Rejects URLs that the client would not understand, without ever showing them.
 *
 * @param url Where Redis is.
 * @throws {TdauthError} `invalid_options` when it is not a Redis URL.
 */
export function checkRedisUrl(url: string): void {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    throw invalid(
      "its URL is invalid",
      "use a value like redis://127.0.0.1:6379",
    );
  }
  const { username, password, pathname } = new URL(url);
  if (!/^(\/\d*)?$/.test(pathname)) {
    throw invalid(
      "the path of its URL is not a database number",
      "use a value like redis://127.0.0.1:6379/0",
    );
  }
  try {
    decodeURIComponent(username);
    decodeURIComponent(password);
  } catch {
    throw invalid(
      "its URL contains an invalid percent-encoding",
      "encode % in the user name and password as %25",
    );
  }
}

function invalid(why: string, hint: string): TdauthError {
  return new TdauthError("invalid_options", `Cannot connect to Redis: ${why}`, {
    hint,
  });
}
