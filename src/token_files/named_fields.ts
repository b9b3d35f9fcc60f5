import { type Fields, notUsable } from "./fields.ts";

/** What programs write for a value that they do not have. */
const NOTHING: readonly unknown[] = [undefined, null, "", ...[
  "null",
  "undefined",
  "None",
  "nil",
]];

/** A name and its value. */
export type Entry = readonly [name: string, value: unknown];

/**
 * Whether some names hold a refresh token or an access token: `refresh_token`,
 * `refreshToken`, or with what a secrets manager puts before it,
 * `SCHWAB_REFRESH_TOKEN`.
 *
 * @param entries The names with their values.
 */
export function haveTokens(entries: readonly Entry[]): boolean {
  return tokensIn(entries).found.length > 0;
}

/**
 * Finds the fields that belong to the one refresh token among some names, or where
 * there is none to the one access token. They begin like its name, in any
 * notation: `SCHWAB_EXPIRES_AT`, `expiresAt`.
 *
 * @param entries The names with their values.
 * @returns The fields by their names in snake case, without what is before them;
 * those without a value are left out.
 * @throws {TdauthError} `token_file_failed` when there are several such tokens, or
 * a field has two values.
 */
export function namedFields(entries: readonly Entry[]): Fields {
  const { kind, found } = tokensIn(entries);
  const [first] = found;
  if (first === undefined) throw notUsable("it has no refresh token");
  const names = found.map(({ name }) => name);
  if (new Set(found.map(({ value }) => value)).size > 1) {
    const which = names.every((name) => name.length <= 64)
      ? `: ${names.join(", ")}`
      : "";
    throw notUsable(
      kind === "refresh_token"
        ? `it has several refresh tokens${which}`
        : `it has several access tokens${which}`,
      "copy the names and values of one of them to a file, and import that",
    );
  }
  const fields: Record<string, unknown> = {};
  for (const [name, value] of entries) {
    const snake = snakeCase(name);
    if (!snake.startsWith(first.prefix) || NOTHING.includes(value)) continue;
    const field = snake.slice(first.prefix.length);
    const other = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (other !== undefined && other !== value && isTokenField(field)) {
      throw notUsable(`"${field}" has two values`);
    }
    fields[field] = value;
  }
  return fields;
}

/** Whether a field matters; others may be anything. */
function isTokenField(field: string): boolean {
  return /^(access|refresh|login|expires|expiry|token|scope)/.test(field);
}

/** A token among some names. */
interface Named {
  readonly name: string;
  /** What is before the token's own name, in snake case. */
  readonly prefix: string;
  readonly value: string;
}

/** The refresh tokens among some names; where there is none, the access tokens. */
function tokensIn(
  entries: readonly Entry[],
): { readonly kind: string; readonly found: readonly Named[] } {
  const refresh = tokensNamed(entries, "refresh_token");
  return refresh.length > 0
    ? { kind: "refresh_token", found: refresh }
    : { kind: "access_token", found: tokensNamed(entries, "access_token") };
}

function tokensNamed(
  entries: readonly Entry[],
  kind: string,
): readonly Named[] {
  return entries.flatMap(([name, value]) => {
    const snake = snakeCase(name);
    const prefix = snake.slice(0, -kind.length);
    return snake.endsWith(kind) && /^$|_$/.test(prefix) &&
        typeof value === "string" && !NOTHING.includes(value)
      ? [{ name, prefix, value }]
      : [];
  });
}

/**
 * Writes a name in snake case.
 *
 * @param name The name, in any notation: `apiServer`, `API-SERVER`.
 */
export function snakeCase(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[-.]/g, "_").toLowerCase();
}
