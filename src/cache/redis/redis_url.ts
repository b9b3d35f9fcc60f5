import { TdauthError } from "../../base/errors.ts";

/**
 * Refuses what the client would not understand, without ever showing it.
 *
 * @param url Where Redis is.
 * @throws {TdauthError} `invalid_options` when it is not a URL of a Redis.
 */
export function checkRedisUrl(url: string): void {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    throw invalid("its URL is not one", "write it like redis://127.0.0.1:6379");
  }
  const { username, password, pathname } = new URL(url);
  if (!/^(\/\d*)?$/.test(pathname)) {
    throw invalid(
      "the path of its URL is not the number of a database",
      "write it like redis://127.0.0.1:6379/0",
    );
  }
  try {
    decodeURIComponent(username);
    decodeURIComponent(password);
  } catch {
    throw invalid(
      "there is a % in its URL that stands for nothing",
      "write % in the user's name and in the password as %25",
    );
  }
}

function invalid(why: string, hint: string): TdauthError {
  return new TdauthError("invalid_options", `Cannot connect to Redis: ${why}`, {
    hint,
  });
}
