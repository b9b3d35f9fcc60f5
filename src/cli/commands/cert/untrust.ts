import { command } from "../../grammar/command.ts";

export default command({
  description: "Remove it from the trust stores again.",
  example: "tdauth cert untrust",
  run: async (command) =>
    (await import("../../cert/untrust.ts")).untrustCertificate(command),
});
