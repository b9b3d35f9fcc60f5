import { command } from "../../grammar/command.ts";
import { FLAGS } from "./flags.ts";

export default command({
  group: "Other programs",
  description:
    "Import tokens from another program, a token answer or a secrets manager.",
  summary: "Import tokens from another program.",
  example: "tdauth import ~/.schwabdev/tokens.db",
  settings: "appKey",
  flags: FLAGS,
  args: {
    file: {
      kind: "file",
      help: "its token file, or one that holds a token; - reads stdin",
    },
  },
  run: async (command) =>
    (await import("./import.ts")).importTokens(command, command.args.file),
});
