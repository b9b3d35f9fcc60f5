import { MIN_VALID } from "../account/min_valid.ts";
import { command } from "../grammar/command.ts";
import { wantsJson, writeJson } from "../terminal/output.ts";

export default command({
  group: "Use the token",
  description:
    "Print the Authorization header, for programs that read headers.",
  summary: "Print the Authorization header, as for curl -H @-.",
  example:
    "tdauth header | curl -H @- https://api.schwabapi.com/trader/v1/accounts",
  flags: { minValid: MIN_VALID },
  async run(command) {
    const { token } = await command.account.token(
      command,
      command.flags.minValid,
    );
    const value = `Bearer ${token}`;
    if (wantsJson(command)) writeJson(command.io, { Authorization: value });
    else command.io.out(`Authorization: ${value}\n`); // as curl's -H @- reads it
  },
});
