import { command } from "../../grammar/command.ts";

export default command({
  group: "Maintenance",
  description: "Work with the hooks in config.json.",
  example: "tdauth hook test login_due",
});
