import { command } from "../../grammar/command.ts";

export default command({
  description: "Generate a new certificate now.",
  example: "tdauth cert renew",
  flags: {
    yes: {
      flag: "--yes",
      kind: "boolean",
      help: "also trust the new one wherever the old one was trusted",
    },
  },
  run: async (command) =>
    (await import("../../cert/renew.ts")).renewCertificate(
      command,
      command.flags.yes,
    ),
});
