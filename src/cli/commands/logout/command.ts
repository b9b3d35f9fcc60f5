import { command } from "../../grammar/command.ts";

export default command({
  group: "Tokens",
  description: "Revoke the tokens if the broker supports it, and delete them.",
  summary: "Delete the tokens, and revoke them if possible.",
  example: "tdauth logout --all",
  flags: {
    all: { flag: "--all", kind: "boolean", help: "log out of every profile" },
  },
  async run(command) {
    const { logout, logoutAll } = await import("./logout.ts");
    await (command.flags.all ? logoutAll : logout)(command);
  },
});
