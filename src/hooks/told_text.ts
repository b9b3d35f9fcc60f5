import { type HookEvent, isHookEventName } from "./hook_event.ts";
import type { Told } from "./told.ts";

/** An event that a hook has not heard of yet. */
export interface Undelivered {
  /** What the hook does, as `hookAction()` writes it: its number may change. */
  readonly hook: string;
  /** The event. */
  readonly event: HookEvent;
  /** When it was first tried, in milliseconds since the epoch. */
  readonly since: number;
}

/** All that is kept. It has no place for a token. */
export interface ToldState {
  /** What was told, by account. */
  readonly told: Readonly<Record<string, Told>>;
  /** What the next run tries again. */
  readonly undelivered: readonly Undelivered[];
}

/** What is kept at first. */
export const NOTHING_TOLD: ToldState = { told: {}, undelivered: [] };

/** The version of the file. */
const VERSION = 1;

/** The name of an account in the file: profiles have no spaces. */
export function accountKey(
  { profile, provider }: Pick<HookEvent, "profile" | "provider">,
): string {
  return `${profile} ${provider}`;
}

/**
 * Formats what is kept, as JSON. A number that is infinite is `null`.
 *
 * @param state What is kept.
 * @returns The text.
 */
export function formatTold(state: ToldState): string {
  return JSON.stringify({ version: VERSION, ...state }, undefined, 2) + "\n";
}

/**
 * Parses what is kept. What is damaged in it counts as not there.
 *
 * @param text The text.
 * @returns What is kept.
 */
export function parseTold(text: string): ToldState {
  const file = parse(text);
  if (!isObject(file) || file["version"] !== VERSION) return NOTHING_TOLD;
  const { told, undelivered } = file;
  return {
    told: Object.fromEntries(
      Object.entries(isObject(told) ? told : {}).flatMap(([key, value]) => {
        const one = toldOf(value);
        return one === undefined ? [] : [[key, one]];
      }),
    ),
    undelivered: (Array.isArray(undelivered) ? undelivered : [])
      .flatMap((value) => undeliveredOf(value) ?? []),
  };
}

function toldOf(value: unknown): Told | undefined {
  if (!isObject(value)) return undefined;
  const { present, login, access, due, life, warned, needed, failing, at } =
    value;
  const isWhole = typeof present === "boolean" &&
    (login === undefined || isNumber(login)) && isNumber(access) &&
    (due === null || isNumber(due)) && (life === null || isNumber(life)) &&
    (warned === undefined || isNumber(warned)) &&
    typeof needed === "boolean" && typeof failing === "boolean" &&
    isNumber(at);
  return isWhole
    ? {
      present,
      login,
      access,
      due: due ?? Infinity,
      life: life ?? Infinity,
      warned,
      needed,
      failing,
      at,
    }
    : undefined;
}

function undeliveredOf(value: unknown): Undelivered | undefined {
  if (!isObject(value)) return undefined;
  const { hook, event: told, since } = value;
  if (typeof hook !== "string" || !isObject(told) || !isNumber(since)) {
    return undefined;
  }
  const { event, profile, provider, due } = told;
  return isHookEventName(event) && typeof profile === "string" &&
      typeof provider === "string" && (due === undefined || isNumber(due))
    ? { hook, event: { event, profile, provider, due }, since }
    : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
