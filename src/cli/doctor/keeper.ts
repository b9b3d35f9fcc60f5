import { keeperOf } from "../../client/keeper.ts";
import { keeperStatus } from "../../client/keeper_status.ts";
import { formatWhen } from "../terminal/when.ts";
import type { Facts } from "./facts.ts";
import { failedWith, type Finding, ok } from "./finding.ts";

/** Asks the keeper, where the tokens are kept elsewhere. */
export async function keeperCheck(facts: Facts): Promise<Finding[]> {
  const { settings, offline, command: { io } } = facts;
  if (settings === undefined) return [];
  const keeper = keeperOf(settings);
  if (keeper === undefined) return [];
  if (offline) return [ok("keeper", "skipped (--offline)")];
  const { remoteCommand } = settings;
  const { error, loginNeededAt } = await keeperStatus(keeper, {
    remoteCommand,
    signal: io.signal,
  });
  if (error !== undefined) return [failedWith("keeper", error)];
  return [
    ok(
      "keeper",
      `${keeper.name} answers; the next login there is due ${
        loginNeededAt === undefined
          ? "when the broker requires it"
          : formatWhen(loginNeededAt)
      }`,
    ),
  ];
}
