import type { Fields } from "./fields.ts";

/** What is known beside a file while it is read, and what its reader found out about it. */
export class Reading {
  /** The tokens' clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** When the user logged in, in seconds since the epoch, where the user says so. */
  readonly loginTime: number | undefined;
  readonly #notes = new Set<string>();
  /** The fields of a token answer, in snake case, where the file is one. */
  answer: Fields = {};
  #assumed = false;

  /**
   * Begins to read a file.
   *
   * @param now The tokens' clock, in milliseconds since the epoch.
   * @param loginTime The time of the login, in seconds since the epoch, if the user says it.
   */
  constructor(now: () => number, loginTime?: number) {
    this.now = now;
    this.loginTime = loginTime;
  }

  /** What the user should know, each as a sentence without a period. */
  get notes(): readonly string[] {
    return [...this.#notes];
  }

  /** Whether nothing says how old the refresh token is, or an access token without one. */
  get assumed(): boolean {
    return this.#assumed;
  }

  /** Notes something for the user. */
  note(text: string): void {
    this.#notes.add(text);
  }

  /**
   * The time of issue of a token whose age nothing tells: now, so that
   * what is counted from it is an upper bound.
   *
   * @returns Seconds since the epoch.
   */
  assumeIssuedNow(): number {
    this.#assumed = true;
    return this.seconds;
  }

  /** The present time, in whole seconds since the epoch. */
  get seconds(): number {
    return Math.floor(this.now() / 1000);
  }
}
