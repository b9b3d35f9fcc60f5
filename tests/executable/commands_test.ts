/** The executable holds every command, with all that each of them loads. */
import { useProgram } from "../cli/machine.ts";
import { runEveryCommand } from "../package/every_command.ts";
import { executable } from "./executable.ts";

const program = await executable();
const name = "each command runs from the executable";

Deno.test({
  name: "missing" in program
    ? `${name} (ignored: there is no executable: ${program.missing})`
    : name,
  ignore: "missing" in program,
  fn: async (test) => {
    if ("missing" in program) return;
    useProgram(program.path);
    await runEveryCommand(test, `"${program.path}" sandbox --approve`);
  },
});
