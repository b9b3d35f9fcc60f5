import type { DatabaseSync } from "node:sqlite";
import { TdauthError } from "../base/errors.ts";
import type { Tokens } from "../token/token.ts";
import { type Fields, notUsable } from "./fields.ts";
import {
  type SchwabdevFields,
  schwabdevFields,
  schwabdevTokens,
} from "./schwabdev_2.ts";
import type { Reading } from "./reading.ts";
import type { TokenFileFormat } from "./token_file_format.ts";

/** The database of Schwabdev 3, `~/.schwabdev/tokens.db`: one table of one row. */
export const schwabdev3: TokenFileFormat = {
  name: "schwabdev-3",
  broker: "schwab",
  about: {
    programs: "Schwabdev 3",
    file: "an SQLite database",
    lifetime: "7 days from `refresh_token_issued`",
  },
};

/** Schwabdev's table. */
const TABLE =
  `CREATE TABLE IF NOT EXISTS schwabdev (access_token_issued TEXT NOT NULL,
 refresh_token_issued TEXT NOT NULL, access_token TEXT NOT NULL,
 refresh_token TEXT NOT NULL, id_token TEXT NOT NULL, expires_in INTEGER,
 token_type TEXT, scope TEXT)`;
/** What is read of it; `SELECT *` would compute the columns that a file generates. */
const COLUMNS = [
  "access_token_issued",
  "refresh_token_issued",
  "access_token",
  "refresh_token",
  "expires_in",
  "token_type",
  "scope",
] as const satisfies readonly (keyof SchwabdevFields)[];
/** The most that these hold together, in bytes: a broker's tokens have 16 KiB at most. */
const LARGEST_ROW = 65_536;
/** How long, in milliseconds, to wait for Schwabdev, which locks the file while it refreshes. */
const BUSY_TIMEOUT = 5000;

/**
 * Reads the tokens in Schwabdev 3's database; changes nothing in it.
 *
 * @param path The database, as an absolute path.
 * @param reading What is known beside the database.
 * @returns The tokens; `undefined` before its first login.
 * @throws {TdauthError} `token_file_failed` when it is not such a database, or
 * its tokens are encrypted.
 */
export async function readSchwabdev3(
  path: string,
  reading: Reading,
): Promise<Tokens | undefined> {
  const row = await withDatabase(path, true, readRow);
  return row && schwabdevTokens(row, row, reading);
}

/**
 * Replaces the tokens in a database of Schwabdev 3.
 *
 * @param path The database, as an absolute path; an empty file becomes one.
 * @param tokens The tokens.
 * @throws {TdauthError} `token_file_failed` when it is another database, or encrypted.
 */
export async function writeSchwabdev3(
  path: string,
  tokens: Tokens,
): Promise<void> {
  await withDatabase(path, false, (database) => {
    database.exec("BEGIN IMMEDIATE");
    try {
      if (hasTables(database)) readRow(database); // rejects another program's, or an encrypted one
      database.exec(TABLE);
      database.exec("DELETE FROM schwabdev");
      const fields = schwabdevFields(tokens);
      const names = Object.keys(fields);
      database.prepare(
        `INSERT INTO schwabdev (${names.join(", ")}) VALUES (${
          names.map(() => "?").join(", ")
        })`,
      ).run(...Object.values(fields));
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  });
}

function hasTables(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 AS found FROM sqlite_master").get() !==
    undefined;
}

function readRow(database: DatabaseSync): Fields | undefined {
  // A view or a virtual table of that name could execute arbitrary code.
  const table = database.prepare(
    "SELECT 1 AS found FROM sqlite_master WHERE name = 'schwabdev' AND type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'",
  ).get();
  if (table === undefined) {
    throw notUsable("it is another program's database, not Schwabdev 3's");
  }
  const columns = plainColumns(database);
  // Without reading them: only their lengths are looked at.
  const sizes = database.prepare(
    `SELECT ${
      columns.map((name) => `coalesce(octet_length(${name}), 0)`).join(" + ")
    } AS size FROM schwabdev LIMIT 2`,
  ).all();
  if (sizes.length > 1) {
    throw notUsable("it has several rows; Schwabdev 3 writes one");
  }
  if (
    sizes.some(({ size }) => typeof size !== "number" || size > LARGEST_ROW)
  ) {
    throw notUsable("what it holds is too long for tokens");
  }
  const row: Fields | undefined = database.prepare(
    `SELECT ${columns.join(", ")} FROM schwabdev LIMIT 1`,
  ).get();
  for (const value of Object.values(row ?? {})) {
    if (typeof value === "string" && value.startsWith("enc:")) {
      throw notUsable(
        "Schwabdev has encrypted its tokens with your key",
      );
    }
  }
  return row;
}

/** The columns that the table has of those that are read, all of them stored. */
function plainColumns(database: DatabaseSync): readonly string[] {
  const hidden = new Map(
    database.prepare("SELECT name, hidden FROM pragma_table_xinfo('schwabdev')")
      .all().map(({ name, hidden }) => [name, hidden]),
  );
  const columns = COLUMNS.filter((name) => hidden.has(name));
  if (
    columns.length === 0 || columns.some((name) => hidden.get(name) !== 0)
  ) {
    throw notUsable("it is another program's database, not Schwabdev 3's");
  }
  return columns;
}

/** Opens a database during some work; SQLite's own messages, which may quote the file, are dropped. */
async function withDatabase<T>(
  path: string,
  readOnly: boolean,
  work: (database: DatabaseSync) => T,
): Promise<T> {
  // Only its types are imported: without such a file it is never loaded.
  const { DatabaseSync } = await import("node:sqlite");
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly });
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
    database.exec("PRAGMA trusted_schema = OFF");
    return work(database);
  } catch (error) {
    if (error instanceof TdauthError) throw error;
    const message = error instanceof Error ? error.message : "";
    throw notUsable(
      /locked|busy/i.test(message)
        ? "Schwabdev has locked it; retry"
        : readOnly
        ? "it is a damaged database, or one in use"
        : "the database is not writable",
    );
  } finally {
    database?.close();
  }
}
