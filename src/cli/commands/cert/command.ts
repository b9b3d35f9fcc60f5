import { command } from "../../grammar/command.ts";

export default command({
  group: "Upkeep",
  description: "Look after this machine's certificate for https callbacks.",
  summary: "Look after the certificate for https callbacks.",
  example: "tdauth cert trust",
});
