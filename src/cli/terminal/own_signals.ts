import { OS } from "../../system/os.ts";
import { exit } from "../../system/own_process.ts";
import { onSignal, type Signal } from "../../system/signals.ts";
import type { Signals } from "./io.ts";

/** The signals that end a command early and release what it holds. */
const SIGNALS: readonly Signal[] = OS === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** This process's signals, for a command. */
export interface OwnSignals {
  /** Aborted by the first of them. */
  readonly signal: AbortSignal;
  /** Control of them. */
  readonly signals: Signals;
}

/**
 * Listens for the signals that end a command; the second one exits immediately.
 *
 * @param beforeExit Called before that.
 * @returns Where they arrive.
 */
export function listenForSignals(
  beforeExit: () => void = () => {},
): OwnSignals {
  const end = new AbortController();
  let taker: ((signal: Signal) => void) | undefined;
  const endings = SIGNALS.map((signal) =>
    onSignal(signal, () => {
      if (taker !== undefined) return taker(signal);
      if (end.signal.aborted) {
        beforeExit();
        exit(130);
      }
      end.abort(new Error("interrupted"));
    })
  );
  return {
    signal: end.signal,
    signals: {
      take: (given) => taker = given,
      dieOf: async (signal) => {
        for (const stop of endings) stop();
        // Its timer would take longer to load than the rest of this file.
        await (await import("./die_of.ts")).dieOf(signal);
      },
    },
  };
}
