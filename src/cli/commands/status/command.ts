import { command } from "../../grammar/command.ts";

export default command({
  group: "Tokens",
  description: "Show the tokens' status and when the next login is due.",
  summary: "Show the tokens and when the next login is due.",
  example: "tdauth status --fail-within 24h",
  flags: {
    failWithin: {
      flag: "--fail-within",
      kind: "duration",
      help: "exit with 3 when a login is needed within this time, like 24h",
    },
  },
  run: async (command) =>
    (await import("./status.ts")).status(command, command.flags.failWithin),
});
