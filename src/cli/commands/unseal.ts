import { command } from "../grammar/command.ts";

export default command({
  group: "Upkeep",
  description: "Keep the tokens in clear again, after tdauth configure --seal.",
  summary: "Keep the tokens in clear again.",
  example: "tdauth unseal --profile work",
  run: async (command) =>
    (await import("../account/seal_tokens.ts")).unsealTokens(command),
});
