import { command } from "../../grammar/command.ts";
import { wantsJson, writeJson } from "../../terminal/output.ts";

export default command({
  description: "Have your browsers trust it, so that they warn no more.",
  example: "tdauth cert trust",
  flags: {
    yes: { flag: "--yes", kind: "boolean", help: "do not ask" },
    system: {
      flag: "--system",
      kind: "boolean",
      help: "add it to the system's anchors, too (Linux)",
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
