import { command } from "../../grammar/command.ts";

export default command({
  group: "Use the token",
  description:
    "Keep the access tokens of all profiles fresh, run the hooks, and answer at a Unix socket, until Ctrl-C.",
  summary: "Keep all access tokens fresh, and run the hooks.",
  example: "tdauth serve --install",
  flags: {
    install: {
      flag: "--install",
      kind: "boolean",
      help: "start it at every login to this machine, and now",
    },
    uninstall: {
      flag: "--uninstall",
      kind: "boolean",
      help: "stop it, and start it no more",
    },
  },
  async run(command) {
    const { install, uninstall } = command.flags;
    if (install || uninstall) {
      const { changeService } = await import("./change_service.ts");
      return await changeService(command, { install, uninstall });
    }
    await (await import("./serve.ts")).serve(command);
  },
});
