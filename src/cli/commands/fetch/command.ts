import { command } from "../../grammar/command.ts";
import { FLAGS } from "./flags.ts";

export default command({
  group: "Use the token",
  description:
    "Send a request to the broker's API and print the response body.",
  summary: "Send a request to the broker's API.",
  example:
    "tdauth fetch '/marketdata/v1/quotes?symbols=AAPL' --output quotes.json",
  flags: FLAGS,
  args: {
    target: { value: "url|path", help: "a URL of the API, or a path on it" },
  },
  run: async (command) =>
    (await import("./fetch.ts")).fetchTarget(command, command.args.target),
});
