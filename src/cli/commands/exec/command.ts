import { MIN_VALID } from "../../account/min_valid.ts";
import { command } from "../../grammar/command.ts";

export default command({
  group: "Use the token",
  description:
    "Run a command with the token in TD_ACCESS_TOKEN, and exit with its code.",
  summary: "Run a command with the token in TD_ACCESS_TOKEN.",
  example: "tdauth exec --min-valid 10m -- python3 report.py --daily",
  flags: { minValid: MIN_VALID },
  args: {
    program: { value: "command", kind: "command", help: "the command to run" },
    more: {
      value: "arguments",
      optional: true,
      rest: true,
      help: "its own arguments and flags",
    },
  },
  async run(command) {
    const { runWithToken } = await import("./exec.ts");
    const { args, flags, account, io } = command;
    const { token, accessToken } = await account.token(command, flags.minValid);
    await runWithToken(io, token, accessToken.expiry, args.program, args.more);
  },
});
