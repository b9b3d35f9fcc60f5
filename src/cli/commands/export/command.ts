import { command } from "../../grammar/command.ts";
import { FLAGS } from "./flags.ts";

export default command({
  group: "Other programs",
  description: "Print the tokens as another program's token file.",
  example: "tdauth export --format schwab-py --output token.json",
  flags: FLAGS,
  run: async (command) => (await import("./export.ts")).exportTokens(command),
});
