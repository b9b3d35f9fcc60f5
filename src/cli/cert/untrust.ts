import { untrustAll } from "../../certificate/trust.ts";
import type { Command } from "../grammar/command.ts";
import { style, wantsJson, writeJson } from "../terminal/output.ts";
import {
  certSettings,
  printRemovals,
  storeJson,
  throwFirst,
  trustContext,
} from "./local.ts";

/** Removes from the trust stores exactly what `tdauth cert trust` has added. */
export async function untrustCertificate(command: Command): Promise<void> {
  const { configDir } = await certSettings(command);
  const outcomes = await untrustAll(configDir, trustContext(command));
  throwFirst(command, printRemovals(command, outcomes));
  if (wantsJson(command)) {
    return writeJson(command.io, {
      removed: outcomes.filter(({ removed }) => removed)
        .map((one) => ({ ...storeJson(one), authority: one.authority.name })),
    });
  }
  const { green } = style(command, "err");
  command.io.err(
    outcomes.length === 0
      ? "Nothing to undo: tdauth has added nothing to any trust store.\n"
      : `${
        green("Untrusted.")
      } Restart any open browser. It will warn again at the next login.\n`,
  );
}
