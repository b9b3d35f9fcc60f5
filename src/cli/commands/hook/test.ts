import { HOOK_EVENT_NAMES, HOOK_EVENTS } from "../../../hooks/hook_event.ts";
import { command } from "../../grammar/command.ts";

export default command({
  description: "Run the hooks for an event now, with example data.",
  example: "tdauth hook test login_due",
  args: {
    event: {
      help: `the event: ${HOOK_EVENT_NAMES.join(", ")}`,
      suggest: Object.fromEntries(
        HOOK_EVENT_NAMES.map((name) => [name, HOOK_EVENTS[name].help]),
      ),
    },
  },
  run: async (command) =>
    (await import("./test_hooks.ts")).testHooks(command, command.args.event),
});
