import { command } from "../../grammar/command.ts";

export default command({
  description: "Make a new certificate now.",
  example: "tdauth cert renew",
  flags: {
    yes: {
      flag: "--yes",
      kind: "boolean",
      help: "trust the new one, too, where the old one was trusted",
    },
  },
  run: async (command) =>
    (await import("../../cert/renew.ts")).renewCertificate(
      command,
      command.flags.yes,
    ),
});
