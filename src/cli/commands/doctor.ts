import { command } from "../grammar/command.ts";

export default command({
  group: "Upkeep",
  description:
    "Find out what would keep a login or a refresh from working; changes nothing.",
  summary: "Find out what would keep a login from working.",
  example: "tdauth doctor --offline",
  flags: {
    offline: {
      flag: "--offline",
      kind: "boolean",
      help: "ask nothing of the network",
    },
  },
  run: async (command) =>
    (await import("../doctor/run_checks.ts")).runChecks(
      command,
      command.flags.offline,
    ),
});
