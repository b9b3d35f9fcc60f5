import assert from "node:assert/strict";
import { parseTokens } from "../../../mod.ts";
import type { RedisServer } from "./redis_server.ts";

/** What Redis holds of one user. */
export interface StoredTokens {
  /** The refresh token. */
  readonly refreshToken: string;
  /** Whether a refresh is marked as under way. */
  readonly pending: boolean;
}

/** All users' tokens at one moment. */
const ALL = `
local all = {}
for _, key in ipairs(redis.call('KEYS', '*:tokens')) do
  all[#all + 1] = key
  all[#all + 1] = redis.call('HGET', key, 'tokens') or ''
end
return all`;

/** Reads what Redis itself holds of all users, at one moment, by user. */
export async function storedTokens(
  redis: RedisServer,
): Promise<Map<string, StoredTokens>> {
  const all = await redis.command("EVAL", ALL, "0");
  assert.ok(Array.isArray(all));
  const users = new Map<string, StoredTokens>();
  for (let index = 0; index < all.length; index += 2) {
    const tokens = parseTokens(String(all[index + 1]));
    users.set(String(all[index]), {
      refreshToken: tokens.refreshToken.token ?? assert.fail("no token"),
      pending: tokens.refreshPending !== undefined,
    });
  }
  return users;
}
