import { command } from "../grammar/command.ts";

export default command({
  group: "Maintenance",
  description: "Diagnose problems with logins and refreshes; changes nothing.",
  summary: "Diagnose problems with logins and refreshes.",
  example: "tdauth doctor --offline",
  flags: {
    offline: {
      flag: "--offline",
      kind: "boolean",
      help: "skip the checks that need a network",
    },
  },
  run: async (command) =>
    (await import("../doctor/run_checks.ts")).runChecks(
      command,
      command.flags.offline,
    ),
});
