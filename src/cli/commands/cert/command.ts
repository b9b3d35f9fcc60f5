import { command } from "../../grammar/command.ts";

export default command({
  group: "Maintenance",
  description: "Manage this machine's certificate for https callbacks.",
  summary: "Manage the certificate for https callbacks.",
  example: "tdauth cert trust",
});
