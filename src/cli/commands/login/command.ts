import { command } from "../../grammar/command.ts";
import { FLAGS } from "./flags.ts";

export default command({
  group: "Tokens",
  description: "Log in with your browser and store the tokens.",
  example: "tdauth login --if-older 5d",
  settings: "app",
  flags: FLAGS,
  run: async (command) => (await import("./login.ts")).login(command),
});
