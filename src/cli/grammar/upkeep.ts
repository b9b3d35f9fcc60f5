import type { Define } from "./define.ts";

/** The commands that look after the machine that tdauth runs on. */
export function upkeepCommands({ add, runs }: Define): void {
  add(
    "doctor",
    "Find out what would keep a login or a refresh from working; changes nothing.",
    "tdauth doctor --offline",
  )
    .option("--offline", "ask nothing of the network")
    .action(runs(async () => (await import("../doctor.ts")).doctorCommand));
}
