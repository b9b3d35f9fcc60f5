import {
  hasTokens,
  loginDue,
  loginNeededIn,
  type Tokens,
} from "../token/token.ts";
import type { HookEventName } from "./hook_event.ts";

/** When a login is due soon, in seconds before it: 48 hours, 24 hours, 2 hours. */
export const THRESHOLDS: readonly number[] = [172_800, 86_400, 7_200];
/** After how many failures in a row a failed refresh is told. */
const FAILURES = 3;
/** For how long, in milliseconds, older tokens are taken for what another process has replaced since they were read. */
const READ_BEFORE = 15_000;

/** What was told of an account, and what it was like then. Times are in seconds unless they say otherwise. */
export interface Told {
  /** Whether there were tokens. */
  readonly present: boolean;
  /** The time of the newest login seen; `undefined` while none was known. */
  readonly login: number | undefined;
  /** When the newest access token seen was issued; 0 for none. */
  readonly access: number;
  /** When the next login was due; `Infinity` when that was unknown. */
  readonly due: number;
  /** How long a login lasts, as its tokens said. */
  readonly life: number;
  /** The nearest threshold that was told of this login; `undefined` for none. */
  readonly warned: number | undefined;
  /** Whether it was told that a login is needed. */
  readonly needed: boolean;
  /** Whether it was told that refreshes fail. */
  readonly failing: boolean;
  /** When this last changed, in milliseconds since the epoch. */
  readonly at: number;
}

/** What is to be told, and what is to be remembered of it. */
export interface Decision {
  /** The events, in the order in which they happened. */
  readonly events: readonly HookEventName[];
  /** What is known from now on; the same object where nothing has changed. */
  readonly told: Told;
}

/**
 * Decides what is new about an account. It asks the tokens what `tdauth status`
 * asks them, so that the two cannot disagree.
 *
 * - A threshold is told when less than it is left, the nearest alone, and once;
 *   one that is longer than half of a login's life never, or a short session
 *   would be warned of as it begins.
 * - The first look tells nothing of the past: no login, no refresh.
 * - Without tokens a login is needed only if there were some before.
 *
 * @param before What was told before; `undefined` at the first look.
 * @param tokens What is stored.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The events, and what to remember.
 */
export function decide(
  before: Told | undefined,
  tokens: Tokens,
  now: number,
): Decision {
  const seen = seenOf(tokens);
  if (before !== undefined && isReadBefore(before, seen, now)) {
    return { events: [], told: before };
  }
  const isNew = before !== undefined && isNewLogin(before, seen);
  const sameLogin = before !== undefined && !isNew;
  const refreshed = sameLogin && before.present && seen.access > before.access;
  const left = loginNeededIn(tokens);
  const life = sameLogin ? Math.max(before.life, seen.life) : seen.life;
  const warnedBefore = sameLogin ? warnedOf(before, seen.due, left) : undefined;
  const isNeeded = left <= 0 && (seen.present || before?.present === true ||
    before?.needed === true);
  const nearest = left <= 0
    ? undefined
    : THRESHOLDS.findLast((one) => left <= one && one <= life / 2);
  const isDue = nearest !== undefined &&
    (warnedBefore === undefined || nearest < warnedBefore);
  const events: HookEventName[] = [
    ...(isNew ? ["logged_in" as const] : []),
    ...(refreshed ? ["refreshed" as const] : []),
    ...(isDue ? ["login_due" as const] : []),
    ...(isNeeded && before?.needed !== true ? ["login_needed" as const] : []),
  ];
  const told = {
    present: seen.present,
    login: largest(before?.login, seen.login),
    access: Math.max(before?.access ?? 0, seen.access),
    due: seen.due,
    life,
    warned: isDue ? nearest : warnedBefore,
    needed: isNeeded,
    failing: sameLogin && !refreshed && before.failing,
  };
  return { events, told: changed(before, told, now) };
}

/**
 * Decides whether a failed refresh is told: the third in a row, once until a
 * refresh works or there is a new login.
 *
 * @param before What was told before.
 * @param times How many have failed in a row.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The event, and what to remember.
 */
export function decideFailure(
  before: Told,
  times: number,
  now: number,
): Decision {
  return times < FAILURES || before.failing ? { events: [], told: before } : {
    events: ["refresh_failed"],
    told: changed(before, { ...before, failing: true }, now),
  };
}

/** What of the tokens is compared. */
type Seen = Pick<Told, "present" | "login" | "access" | "due" | "life">;

function seenOf(tokens: Tokens): Seen {
  const { accessToken, refreshToken, refreshRefused, loginTime } = tokens;
  return {
    present: hasTokens(tokens),
    login: loginTime,
    access: accessToken.token === undefined ? 0 : accessToken.accessTime,
    due: loginDue(tokens),
    life: Math.max(
      accessToken.expiresIn,
      refreshRefused === undefined ? refreshToken.expiresIn : 0,
    ),
  };
}

function isNewLogin(before: Told, seen: Seen): boolean {
  if (!seen.present) return false;
  return seen.login === undefined
    ? !before.present
    : seen.login > (before.login ?? -Infinity);
}

/** Whether the tokens were read before another process stored, and told of, newer ones. */
function isReadBefore(before: Told, seen: Seen, now: number): boolean {
  const since = now - before.at;
  if (!before.present || since < 0 || since >= READ_BEFORE) return false;
  return !seen.present || (seen.login ?? Infinity) < (before.login ?? 0) ||
    (seen.login === before.login && seen.access < before.access);
}

/**
 * The nearest threshold that counts as told. Where a refresh has moved the end,
 * those that are passed again are told again; the clock alone changes nothing.
 */
function warnedOf(
  { warned, due }: Told,
  dueNow: number,
  left: number,
): number | undefined {
  return warned === undefined || dueNow === due || left <= warned
    ? warned
    : THRESHOLDS.findLast((one) => left <= one);
}

function largest(
  one: number | undefined,
  other: number | undefined,
): number | undefined {
  return one === undefined || other === undefined
    ? one ?? other
    : Math.max(one, other);
}

/** What of it is compared. */
const COMPARED = [
  "present",
  "login",
  "access",
  "due",
  "life",
  "warned",
  "needed",
  "failing",
] as const satisfies readonly (keyof Told)[];

/** The same object where nothing has changed, so that nothing is written. */
function changed(
  before: Told | undefined,
  told: Omit<Told, "at">,
  now: number,
): Told {
  const isSame = before !== undefined &&
    COMPARED.every((key) => Object.is(before[key], told[key]));
  return isSame ? before : { ...told, at: now };
}
