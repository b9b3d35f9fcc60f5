import { command } from "../../grammar/command.ts";

export default command({
  description: "Answer a shell that asks what may stand at the cursor.",
  example: 'tdauth complete -- status ""',
  hidden: true,
  args: {
    words: {
      optional: true,
      rest: true,
      help: "the words to the cursor, the last as far as it is typed",
    },
  },
  run: async (command) =>
    (await import("./complete.ts")).answerShell(command, command.args.words),
});
