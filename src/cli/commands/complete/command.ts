import { command } from "../../grammar/command.ts";

export default command({
  description: "Complete the word at the cursor for a shell.",
  example: 'tdauth complete -- status ""',
  hidden: true,
  args: {
    words: {
      optional: true,
      rest: true,
      help: "the words to the cursor, the last as typed so far",
    },
  },
  async run({ args, io }) {
    const { answerWords } = await import("./answer.ts");
    io.out(await answerWords(args.words, io.env));
  },
});
