/** The SQLite tables that a server keeps. */
import { DatabaseSync, type SQLInputValue } from "node:sqlite";

/** How long a query waits for the server's own writes, in milliseconds. */
const BUSY = 30_000;

/**
 * Asks a server's database.
 *
 * @param path The database's file.
 * @param sql A statement.
 * @param values The values of its question marks.
 * @returns The rows.
 */
export function rows(
  path: string,
  sql: string,
  ...values: SQLInputValue[]
): Record<string, unknown>[] {
  using database = open(path);
  return database.prepare(sql).all(...values);
}

/**
 * Counts the rows that a condition is true of.
 *
 * @param path The database's file.
 * @param from What comes after `SELECT COUNT(*) FROM`.
 * @param values The values of its question marks.
 */
export function count(
  path: string,
  from: string,
  ...values: SQLInputValue[]
): number {
  const [row] = rows(path, `SELECT COUNT(*) AS n FROM ${from}`, ...values);
  return Number(row?.["n"]);
}

/** Runs statements without parameters, as a script of the server's package. */
export function script(path: string, sql: string): void {
  using database = open(path);
  database.exec(sql);
}

function open(path: string): DatabaseSync & Disposable {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA busy_timeout = ${BUSY}`);
  return Object.assign(database, { [Symbol.dispose]: () => database.close() });
}
