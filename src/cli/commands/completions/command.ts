import { command } from "../../grammar/command.ts";
import { SHELL_NAMES, SHELLS } from "./shells.ts";

export default command({
  group: "Maintenance",
  description: "Print the completions for your shell, or install them.",
  summary: "Print or install your shell's completions.",
  example: "tdauth completions --install",
  flags: {
    install: {
      flag: "--install",
      kind: "boolean",
      help: "install them where your shell loads them",
    },
    uninstall: {
      flag: "--uninstall",
      kind: "boolean",
      help: "uninstall them",
    },
  },
  args: {
    shell: {
      optional: true,
      help: `${SHELL_NAMES} (default: from SHELL)`,
      suggest: Object.fromEntries(SHELLS.map((shell) => [shell, ""])),
    },
  },
  async run(command) {
    const { changeCompletions, printCompletions, shellOf } = await import(
      "./completions.ts"
    );
    const { install, uninstall } = command.flags;
    const shell = shellOf(command.args.shell, command.io.env);
    if (install || uninstall) {
      changeCompletions(command, shell, { install, uninstall });
    } else printCompletions(command, shell);
  },
});
