import { realEnvironment } from "../../system/environment.ts";
import type { Command } from "../grammar/command.ts";
import { wantsJson, writeJson } from "../terminal/output.ts";
import { Hint } from "../../base/hint.ts";
import { hintText, nextCommand } from "../terminal/hint_text.ts";
import { brokerCheck } from "./broker.ts";
import { callbackCheck } from "./callback.ts";
import { certificateCheck } from "./certificate.ts";
import { diskCheck } from "./disk.ts";
import { filesCheck } from "./files.ts";
import { keeperCheck } from "./keeper.ts";
import { lockCheck } from "./lock.ts";
import { machineCheck } from "./machine.ts";
import { tokensCheck } from "./tokens.ts";
import { type Finding, type ShownFinding, warning } from "./finding.ts";
import { packagesCheck } from "./packages.ts";
import { type Facts, gatherFacts } from "./facts.ts";
import { picture } from "./render_report.ts";
import { providerCheck } from "./provider.ts";
import { settingsCheck } from "./settings.ts";
import { trustCheck } from "./trust.ts";
import { variablesCheck } from "./variables.ts";
import { EXIT, ExitWith } from "../terminal/exit_code.ts";
import { shown } from "../../base/shown.ts";
import { reason } from "../../system/system_error.ts";

/** A check; it changes nothing. */
type Check = (facts: Facts) => Finding[] | Promise<Finding[]>;

/** The checks by their title. */
const GROUPS: readonly (readonly [string, readonly Check[]])[] = [
  ["Settings", [settingsCheck, variablesCheck]],
  ["Callback", [callbackCheck, certificateCheck, trustCheck]],
  ["Files", [filesCheck, diskCheck, lockCheck]],
  ["Tokens", [tokensCheck, keeperCheck]],
  ["Broker", [brokerCheck, providerCheck]],
  ["Machine", [machineCheck, packagesCheck]],
];

/** How long all checks together may take, in milliseconds. */
const LIMIT = 15_000;

/**
 * Checks everything that a login or a refresh depends on, and reports what is wrong and how to fix it.
 *
 * @param command The command.
 * @param offline Whether to skip the checks that need a network.
 * @throws {ExitWith} When something is wrong.
 */
export async function runChecks(
  command: Command,
  offline: boolean,
): Promise<void> {
  const variables = Object.keys(realEnvironment() ?? {});
  const facts = await gatherFacts(
    command,
    variables,
    offline,
  );
  const late = AbortSignal.timeout(LIMIT);
  const groups = await Promise.all(GROUPS.map(async ([title, checks]) => ({
    title,
    findings: (await Promise.all(
      checks.map((check) => findings(command, facts, check, late)),
    )).flat(),
  })));
  const all = groups.flatMap(({ findings }) => findings);
  const failures = all.filter(({ state }) => state === "failed").length;
  if (wantsJson(command)) {
    writeJson(command.io, {
      ok: failures === 0,
      failed: failures,
      warnings: all.filter(({ state }) => state === "warning").length,
      checks: groups.flatMap(({ title, findings }) =>
        findings.map(({ check, state, what, fix, command }) => ({
          group: title,
          check: check.toLowerCase().replaceAll(" ", "_"),
          state,
          what,
          fix: fix ?? null,
          command: command ?? null,
        }))
      ),
    });
  } else command.io.out(picture(command, groups));
  if (failures > 0) throw new ExitWith(EXIT.failed);
}

/** One check's findings; a check that breaks or hangs is a finding, too. */
async function findings(
  command: Command,
  facts: Facts,
  check: Check,
  late: AbortSignal,
): Promise<ShownFinding[]> {
  const name = check.name.replace(/Check$/, "");
  const timeout = new Promise<Finding[]>((resolve) =>
    late.addEventListener("abort", () =>
      resolve([
        warning(name, `unknown: timed out after ${LIMIT / 1000} seconds`),
      ]))
  );
  let found: Finding[];
  try {
    found = await Promise.race([check(facts), timeout]);
  } catch (error) {
    command.io.signal.throwIfAborted();
    found = [warning(name, `unknown: ${reason(error)}`)];
  }
  return found.map(({ check, state, what, fix, command: run }) => ({
    check,
    state,
    what: shown(what),
    ...(fix !== undefined &&
      { fix: shown(hintText(command, new Hint(fix))) }),
    ...(run !== undefined && {
      command: shown(
        typeof run === "string" ? run : nextCommand(command, run),
      ),
    }),
  }));
}
