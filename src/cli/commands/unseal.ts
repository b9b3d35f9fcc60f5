import { command } from "../grammar/command.ts";

export default command({
  group: "Maintenance",
  description:
    "Store the tokens unencrypted again, after tdauth configure --seal.",
  summary: "Store the tokens unencrypted again.",
  example: "tdauth unseal --profile work",
  run: async (command) =>
    (await import("../account/seal_tokens.ts")).unsealTokens(command),
});
