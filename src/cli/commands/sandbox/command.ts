import { command } from "../../grammar/command.ts";

export default command({
  group: "Tokens",
  description: "Run a practice broker on this machine until Ctrl-C.",
  example: "tdauth sandbox --provider tdameritrade",
  settings: "appKey",
  flags: {
    port: {
      flag: "--port",
      kind: "number",
      value: "port",
      what: "a port number",
      min: 0,
      max: 65_535,
      default: 4280,
      help: "port to listen on; 0 picks a free one",
    },
    approve: {
      flag: "--approve",
      kind: "text",
      value: "url",
      help: "log in to a running practice broker as its test user",
    },
  },
  async run(command) {
    const { approveLogin, runSandbox } = await import("./sandbox.ts");
    const { approve, port } = command.flags;
    if (approve === undefined) await runSandbox(command, port);
    else await approveLogin(approve, command.io.signal);
  },
});
