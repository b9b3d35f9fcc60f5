import { command } from "../../grammar/command.ts";
import { checkSteps } from "./check_steps.ts";
import { FLAGS } from "./flags.ts";

export default command({
  group: "Tokens",
  description: "Log in with your browser and store the tokens.",
  example: "tdauth login --if-older 5d",
  settings: "app",
  flags: FLAGS,
  run: async (command) => {
    checkSteps(command);
    const { begin, finish } = command.flags;
    if (begin || finish) {
      const steps = await import("./two_steps.ts");
      return await (begin ? steps.begin(command) : steps.finish(command));
    }
    if (command.flags.on !== undefined) {
      const { loginOn } = await import("./on.ts");
      return await loginOn(command, command.flags.on);
    }
    if (command.flags.remote) {
      return await (await import("./remote.ts")).remoteLogin(command);
    }
    return await (await import("./login.ts")).login(command);
  },
});
