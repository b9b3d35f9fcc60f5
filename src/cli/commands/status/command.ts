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
    notify: {
      flag: "--notify",
      kind: "boolean",
      help: "tell the hooks in config.json what is new, and show nothing else",
    },
  },
  run: async (command) =>
    command.flags.notify
      ? await command.account.notify(command, command.flags.failWithin)
      : (await import("./status.ts")).status(command, command.flags.failWithin),
});
