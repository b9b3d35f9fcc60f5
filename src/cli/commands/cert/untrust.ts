import { command } from "../../grammar/command.ts";

export default command({
  description: "Undo what trust has done.",
  example: "tdauth cert untrust",
  run: async (command) =>
    (await import("../../cert/untrust.ts")).untrustCertificate(command),
});
