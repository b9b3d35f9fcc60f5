import { command } from "../../grammar/command.ts";

export default command({
  group: "Maintenance",
  description: "Show the manual; in a pipe, print its source for man.",
  summary: "Show the manual.",
  example: "tdauth man > ~/.local/share/man/man1/tdauth.1",
  run: async (command) => (await import("./man.ts")).showManual(command),
});
