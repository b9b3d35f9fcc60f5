import { childEnvironment } from "../../system/child_environment.ts";
import { TdauthError } from "../../base/errors.ts";
import { callbackCertificate } from "../../certificate/certificate.ts";
import type { Settings } from "../../settings/settings.ts";
import { OS } from "../../system/os.ts";
import type { VerifiedAuthority } from "../../certificate/authority.ts";
import type { TrustContext } from "../../certificate/find_stores.ts";
import { programRunner } from "../../certificate/must_run.ts";
import { type StoreLocation, storeName } from "../../certificate/store.ts";
import type { RemovalResult } from "../../certificate/trust.ts";
import { verifyAuthority } from "../../certificate/verify_authority.ts";
import { confirm } from "../terminal/ask.ts";
import { commandSettings } from "../account/prepare_command.ts";
import type { Command } from "../grammar/command.ts";
import { style } from "../terminal/output.ts";
import { hintText } from "../terminal/hint_text.ts";
import { tilde } from "../terminal/tilde.ts";

/**
 * Finds the settings of a command about the local certificate.
 *
 * @param command The command.
 * @param what What it cannot do with the user's own certificate; nothing if it can.
 * @returns The settings.
 * @throws {TdauthError} `invalid_options` when the profile has such a certificate.
 */
export async function certSettings(
  command: Command,
  what?: string,
): Promise<Settings> {
  const settings = await commandSettings(command);
  const own = settings.certFile ?? settings.keyFile;
  if (what === undefined || own === undefined) return settings;
  throw new TdauthError(
    "invalid_options",
    `Cannot ${what} the certificate: this profile uses your own, "${own}"`,
    {
      hint:
        "renew and trust it with your CA's tools; without TD_CERT_FILE and TD_KEY_FILE tdauth generates its own",
    },
  );
}

/**
 * Describes this machine.
 *
 * @param command The command.
 * @returns The machine, whose tools run for real.
 * @throws {TdauthError} `invalid_options` when the home directory is unknown.
 */
export function trustContext({ io }: Command): TrustContext {
  const windows = OS === "windows";
  const home = io.env(windows ? "USERPROFILE" : "HOME");
  if (home === undefined || (!windows && !home.startsWith("/"))) {
    throw new TdauthError(
      "invalid_options",
      "Cannot find the browsers' trust stores: HOME is not set to an absolute path",
      { hint: "set HOME to your home directory" },
    );
  }
  const dataHome = io.env("XDG_DATA_HOME");
  const systemRoot = io.env("SystemRoot");
  return {
    os: OS,
    home,
    ...(dataHome?.startsWith("/") && { dataHome }),
    ...(systemRoot !== undefined && { systemRoot }),
    run: programRunner(childEnvironment("tool", { env: io.env }).env),
  };
}

/**
 * Returns the CA of the stored certificate; generates a certificate if there is none.
 *
 * @param command The command.
 * @param settings The settings.
 * @param renew Whether to generate a new one in any case.
 * @returns The CA, verified.
 * @throws {TdauthError} `certificate_failed` when it cannot be generated or stored, or must not be trusted.
 */
export async function localAuthority(
  { io }: Command,
  { configDir }: Settings,
  renew = false,
): Promise<VerifiedAuthority> {
  const { leaf, ca, kept } = await callbackCertificate(configDir, {
    now: io.now,
    renew,
  });
  if (!kept) {
    throw new TdauthError(
      "certificate_failed",
      `Cannot store a certificate in "${configDir}": it is not writable`,
      {
        hint:
          "free some space, make the directory writable, or move another program's certificate.json away",
      },
    );
  }
  return await verifyAuthority({ cert: leaf, ca }, io.now() / 1000);
}

/**
 * Asks for confirmation, unless `--yes` was given.
 *
 * @param command The command.
 * @param question What is asked.
 * @param yes Whether `--yes` was given.
 * @param cannot What cannot be done without an answer.
 * @returns The answer.
 * @throws {TdauthError} `invalid_options` when there is no terminal.
 */
export async function confirmed(
  command: Command,
  question: string,
  yes: boolean,
  cannot: string,
): Promise<boolean> {
  const { io } = command;
  if (yes) return true;
  if (!io.terminal.in) {
    throw new TdauthError(
      "invalid_options",
      `Cannot ${cannot}: this needs confirmation, and there is no terminal`,
      { hint: "run it in a terminal, or confirm with --yes" },
    );
  }
  return await confirm(io, style(command, "err"), question);
}

/** Formats a store as a line of a list. */
export function storeLine(command: Command, place: StoreLocation): string {
  const { dim } = style(command, "err");
  return `  ${storeName(place)}  ${dim(tilde(command, place.path))}\n`;
}

/** A store as JSON. */
export function storeJson(place: StoreLocation): Record<string, unknown> {
  return { store: place.kind, name: storeName(place), path: place.path };
}

/**
 * Prints what happened to CAs that were trusted.
 *
 * @param command The command.
 * @param outcomes The result for each.
 * @returns The errors that kept some in their stores.
 */
export function printRemovals(
  command: Command,
  outcomes: readonly RemovalResult[],
): unknown[] {
  let last = "";
  for (const outcome of outcomes) {
    if (outcome.error !== undefined) continue;
    const { authority, removed } = outcome;
    const title = removed
      ? `Removed ${authority.name} from\n`
      : `${authority.name} was no longer in\n`;
    if (title !== last) command.io.err(title);
    last = title;
    command.io.err(storeLine(command, outcome));
  }
  return outcomes.flatMap(({ error }) => error === undefined ? [] : [error]);
}

/** Prints all errors but the first, and throws that one, if there is any. */
export function throwFirst(command: Command, errors: readonly unknown[]): void {
  if (errors.length === 0) return;
  const [first, ...others] = errors;
  printErrors(command, others, [messageOf(first)]);
  throw first;
}

/**
 * Prints errors that do not end the command, each once: what is missing for one
 * store is missing for all.
 *
 * @param command The command.
 * @param errors The errors.
 * @param told Messages that are printed elsewhere.
 */
export function printErrors(
  command: Command,
  errors: readonly unknown[],
  told: readonly string[] = [],
): void {
  const { yellow } = style(command, "err");
  const known = new Set(told);
  for (const error of errors) {
    const message = messageOf(error);
    if (known.has(message)) continue;
    known.add(message);
    const hint = error instanceof TdauthError ? error.hint : undefined;
    command.io.err(
      `${yellow("note:")} ${message}${
        hint === undefined ? "" : ` (${hintText(command, hint)})`
      }\n`,
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
