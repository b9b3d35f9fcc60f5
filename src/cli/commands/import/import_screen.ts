import type { Context } from "../../../client/context.ts";
import { loginDue, loginNeededIn, type Tokens } from "../../../token/token.ts";
import { FORMAT_PROGRAMS } from "../../../token_files/format_names.ts";
import type { ParsedTokenFile } from "../../../token_files/parse_token_file.ts";
import type { Command } from "../../grammar/command.ts";
import { style, wantsJson, writeJson } from "../../terminal/output.ts";
import { nextCommand } from "../../terminal/hint_text.ts";
import { formatDuration } from "../../terminal/duration.ts";
import { formatWhen } from "../../terminal/when.ts";

/** How an import ended: with new tokens, with those that were there, or with those and a younger access token or the time of their login. */
export type Outcome = "new" | "same" | "younger" | "dated";

/**
 * Prints what was imported, and what to know when two programs have the same tokens.
 *
 * @param command The command.
 * @param context Whose tokens they are.
 * @param found What was found in the file.
 * @param tokens The tokens that are now stored.
 * @param outcome The outcome.
 */
export function showImport(
  command: Command,
  context: Context,
  { format, assumed }: ParsedTokenFile,
  tokens: Tokens,
  outcome: Outcome,
): void {
  const { io } = command;
  const { provider, settings, app } = context;
  const { loginTime } = tokens;
  const end = loginDue(tokens);
  const due = Number.isFinite(end) ? end : null;
  const { green, yellow, dim, cyan } = style(command, "err");
  const alone = tokens.refreshToken.token === undefined;
  const noteAlone = () => {
    if (!alone) return;
    io.err(
      `${
        yellow("note:")
      } there is no refresh token: a login is needed when the access token ends\n`,
    );
  };
  if (wantsJson(command)) {
    noteAlone();
    return writeJson(io, {
      imported: outcome !== "same",
      format: format.name,
      profile: settings.profile,
      provider: provider.key,
      login_time: loginTime ?? null,
      login_needed_at: due,
    });
  }
  const program = FORMAT_PROGRAMS[format.name];
  const row = (label: string, text: string) =>
    io.err(`  ${dim(label.padEnd(12))}${text}\n`);
  const place = `the profile ${settings.profile} (${provider.name}${
    settings.sandbox === undefined ? "" : ", practice broker"
  })`;
  io.err(
    outcome === "new"
      ? `${green("Imported")} from ${program} into ${place}.\n`
      : outcome === "younger"
      ? `${
        green("Imported")
      } a younger access token into ${place}, which already has this login.\n`
      : outcome === "dated"
      ? `${
        green("Imported")
      } the time of the login into ${place}, which already has its tokens.\n`
      : `${green("Nothing to do:")} ${place} already has this login.\n`,
  );
  row(
    "Login",
    loginTime === undefined
      ? "not in the file"
      : `${formatWhen(loginTime)} ${
        dim(`(${formatDuration(io.now() / 1000 - loginTime)} ago)`)
      }`,
  );
  row(
    "Next login",
    due === null
      ? alone
        ? "when the access token is refused"
        : "when the broker requires it"
      : `due by ${formatWhen(due)} ${
        dim(`(in ${formatDuration(loginNeededIn(tokens))})`)
      }`,
  );
  noteAlone();
  if (assumed && due !== null && outcome === "new") {
    io.err(
      `${
        yellow("note:")
      } that is the latest: nothing says when the login was. If you know, import again with --login-time\n`,
    );
  }
  if (format.name !== "tdauth" && !alone) {
    io.err(
      `${yellow("note:")} ${
        format.generic
          ? "any other program that has this refresh token can use it, too"
          : `${program} and tdauth now have the same refresh token, and both can use it`
      }` +
        (provider.known?.loginEndsOthers
          ? format.generic
            ? ". A new login elsewhere invalidates it.\n"
            : ". A new login in either invalidates the other's tokens.\n"
          : " until it expires.\n"),
    );
  }
  if (
    !alone && provider.preset?.secret === "needed" &&
    app.consumerSecret === undefined
  ) {
    io.err(
      `${
        yellow("note:")
      } without the consumer secret nothing can be refreshed: ${
        cyan(nextCommand(command, ["configure"]))
      }\n`,
    );
  }
}
