import { command } from "../../grammar/command.ts";

export default command({
  description: "Show the certificate and which browsers trust it.",
  example: "tdauth cert show --json",
  run: async (command) =>
    (await import("../../cert/show.ts")).showCertificate(command),
});
