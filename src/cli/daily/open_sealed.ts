import { rawKey } from "../../seal/raw_key.ts";
import { SealCodec } from "../../seal/seal_codec.ts";
import { type Env, realEnv } from "../../system/environment.ts";
import { unusual } from "./unusual.ts";

/**
 * Opens a text that was sealed with the key in `TD_CACHE_KEY`.
 *
 * @param text The text of the token file.
 * @param name The file's name, to which the seal is bound.
 * @param env The environment.
 * @returns The text of the tokens.
 * @throws {Unusual} When there is no such key, or it does not open the text.
 */
export async function openSealed(
  text: string,
  name: string,
  env: Env = realEnv,
): Promise<string> {
  const key = env("TD_CACHE_KEY");
  if (key === undefined) return unusual();
  try {
    return await new SealCodec(rawKey(key), name).open(text);
  } catch {
    return unusual();
  }
}
