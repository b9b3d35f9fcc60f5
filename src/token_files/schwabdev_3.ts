import type { DatabaseSync } from "node:sqlite";
import { TdauthError } from "../base/errors.ts";
import type { Tokens } from "../token/token.ts";
import { type Fields, notUsable } from "./fields.ts";
import { schwabdevFields, schwabdevTokens } from "./schwabdev_2.ts";
import type { TokenFileFormat } from "./token_file_format.ts";

/** The database of Schwabdev 3, `~/.schwabdev/tokens.db`: one table of one row. */
export const schwabdev3: TokenFileFormat = {
  name: "schwabdev-3",
  program: "Schwabdev 3",
  broker: "schwab",
};

/** What Schwabdev makes. */
const TABLE =
  `CREATE TABLE IF NOT EXISTS schwabdev (access_token_issued TEXT NOT NULL,
 refresh_token_issued TEXT NOT NULL, access_token TEXT NOT NULL,
 refresh_token TEXT NOT NULL, id_token TEXT NOT NULL, expires_in INTEGER,
 token_type TEXT, scope TEXT)`;
/** How long, in milliseconds, to wait for Schwabdev, which locks the file while it refreshes. */
const PATIENCE = 5000;

/**
 * Reads the tokens in Schwabdev 3's database; changes nothing in it.
 *
 * @param path The database, as an absolute path.
 * @param now The tokens' clock, in milliseconds since the epoch.
 * @returns The tokens; `undefined` before its first login.
 * @throws {TdauthError} `token_file_failed` when it is no such database, or its tokens are encrypted.
 */
export async function readSchwabdev3(
  path: string,
  now: () => number,
): Promise<Tokens | undefined> {
  const row = await withDatabase(path, true, readRow);
  return row && schwabdevTokens(row, row, now);
}

/**
 * Writes tokens into a database of Schwabdev 3, in place of those there.
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
      if (hasTables(database)) readRow(database); // refuses what is not Schwabdev's, or encrypted
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
  // A view or a virtual table of that name could run whatever its author liked.
  const table = database.prepare(
    "SELECT 1 AS found FROM sqlite_master WHERE name = 'schwabdev' AND type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'",
  ).get();
  if (table === undefined) {
    throw notUsable("it is a database of another program than Schwabdev 3");
  }
  const rows = database.prepare("SELECT * FROM schwabdev LIMIT 2").all();
  if (rows.length > 1) {
    throw notUsable("it holds several rows, and Schwabdev 3 writes one");
  }
  const row = rows[0] as Fields | undefined;
  for (const value of Object.values(row ?? {})) {
    if (typeof value === "string" && value.startsWith("enc:")) {
      throw notUsable(
        "Schwabdev has encrypted its tokens, with a key that only its user has",
      );
    }
  }
  return row;
}

/** Opens a database for as long as some work takes; SQLite's own messages, which may quote the file, stay behind. */
async function withDatabase<T>(
  path: string,
  readOnly: boolean,
  work: (database: DatabaseSync) => T,
): Promise<T> {
  // Its types alone are known before: who never has such a file never loads it.
  const { DatabaseSync } = await import("node:sqlite");
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly });
    database.exec(`PRAGMA busy_timeout = ${PATIENCE}`);
    database.exec("PRAGMA trusted_schema = OFF");
    return work(database);
  } catch (error) {
    if (error instanceof TdauthError) throw error;
    const message = error instanceof Error ? error.message : "";
    throw notUsable(
      /locked|busy/i.test(message)
        ? "Schwabdev holds it locked; try again"
        : readOnly
        ? "it is a damaged database, or one in use"
        : "the database cannot be written",
    );
  } finally {
    database?.close();
  }
}
