import { command } from "../../grammar/command.ts";

export default command({
  group: "Tokens",
  description: "Revoke the tokens where the broker can, and forget them.",
  summary: "Forget the tokens, and revoke them where possible.",
  example: "tdauth logout --all",
  flags: {
    all: { flag: "--all", kind: "boolean", help: "log out of every profile" },
  },
  async run(command) {
    const { logout, logoutAll } = await import("./logout.ts");
    await (command.flags.all ? logoutAll : logout)(command);
  },
});
