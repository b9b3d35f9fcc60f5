import { TdauthError } from "../../../base/errors.ts";
import { SEALED_BY } from "../../../seal/sealed_by.ts";
import { command } from "../../grammar/command.ts";

export default command({
  group: "Tokens",
  description: "Set up your broker app.",
  example: "tdauth configure --provider schwab",
  settings: "app",
  flags: {
    seal: {
      flag: "--seal",
      kind: "choice",
      help:
        "encrypt the tokens with the keychain, a passphrase, or the key in TD_CACHE_KEY (keychain, passphrase or key)",
      choices: SEALED_BY,
      refuse: (text: string) =>
        new TdauthError(
          "invalid_options",
          `Cannot seal the tokens: "${text}" is not a kind of key`,
          { hint: "use --seal keychain, --seal passphrase or --seal key" },
        ),
    },
  },
  run: async (command) =>
    (await import("./configure.ts")).configure(command, command.flags.seal),
});
