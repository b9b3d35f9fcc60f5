import {
  apiOriginOf,
  type NamedOrigin,
  originIn,
} from "../../../providers/api_origin.ts";
import type { Provider } from "../../../providers/provider.ts";
import { snakeCase } from "../../../token_files/named_fields.ts";
import type { ParsedTokenFile } from "../../../token_files/parse_token_file.ts";

/**
 * Looks in a token file for the origin of the API: a token answer has it under the
 * provider's own name, tdauth's file under `api_origin`. A file is text from
 * outside: the origin is bound by the same rule as that of an answer.
 *
 * @param provider The provider; absent where it is not known before its metadata, which name the API.
 * @param found What was found in the file.
 * @returns The origin, or what may not be one; nothing where the file names none, or the provider has a fixed one.
 */
export function importedOrigin(
  provider: Provider | undefined,
  { answer, tokens }: ParsedTokenFile,
): NamedOrigin {
  const { apiOriginFrom } = provider ?? {};
  if (
    provider === undefined || apiOriginFrom === undefined ||
    provider.apiOrigin !== undefined
  ) return {};
  const named = originIn({
    ...provider,
    apiOriginFrom: Object.fromEntries(
      Object.entries(apiOriginFrom).map((
        [entry, domain],
      ) => [snakeCase(entry), domain]),
    ),
  }, answer);
  const { apiOrigin: stored } = tokens;
  if (
    stored === undefined || named.apiOrigin !== undefined ||
    named.refusedApiOrigin !== undefined
  ) return named;
  const apiOrigin = apiOriginOf(provider, stored);
  return apiOrigin === undefined
    ? { refusedApiOrigin: JSON.stringify(stored).slice(0, 100) }
    : { apiOrigin };
}
