import { command } from "../../grammar/command.ts";
import { wantsJson, writeJson } from "../../terminal/output.ts";

export default command({
  description: "Make your browsers trust it, which stops their warnings.",
  example: "tdauth cert trust",
  flags: {
    yes: {
      flag: "--yes",
      kind: "boolean",
      help: "do not ask for confirmation",
    },
    system: {
      flag: "--system",
      kind: "boolean",
      help: "also add it to the system's trust anchors (Linux)",
    },
  },
  async run(command) {
    const { certSettings, localAuthority, trustContext } = await import(
      "../../cert/local.ts"
    );
    const { trustLocally } = await import("../../cert/trust_locally.ts");
    const settings = await certSettings(command, "trust");
    const around = trustContext(command);
    const authority = await localAuthority(command, settings);
    const { flags } = command;
    const told = await trustLocally(
      command,
      settings,
      around,
      authority,
      flags,
    );
    if (wantsJson(command)) writeJson(command.io, told);
  },
});
