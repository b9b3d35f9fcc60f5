import type { Context } from "../../../client/context.ts";
import { boundedLines } from "../../../base/bounded_lines.ts";
import { TdauthError } from "../../../base/errors.ts";
import { maskKey } from "../../../login/mask_key.ts";
import { prepareCommand } from "../../account/prepare_command.ts";
import { remember } from "../../account/remember.ts";
import type { Command } from "../../grammar/command.ts";
import { EXIT, exitCode, ExitWith } from "../../terminal/exit_code.ts";
import { hintText } from "../../terminal/hint_text.ts";
import type { Io } from "../../terminal/io.ts";
import type { LoginFlags } from "./flags.ts";
import { type RemoteEvent, remoteEventLine } from "./remote_event.ts";
import { runLogin } from "./run_login.ts";
import { noteTokens, storedLogin } from "./tell.ts";

/** The longest redirect that is read, in characters: no server accepts a longer URL. */
const LONGEST_REDIRECT = 16_384;

/**
 * The other side of `tdauth login --on`: makes the request, reads the redirect from
 * stdin, and gets and stores the tokens; the state and the verifier never leave its
 * memory. What happens is on stdout, a line of JSON each. Nothing is asked and
 * nothing listens, and without a redirect it ends with its input.
 *
 * @param command The command.
 * @throws {ExitWith} The exit code of an error, which is on stdout.
 */
export async function remoteLogin(
  command: Command<LoginFlags>,
): Promise<void> {
  const { io, flags } = command;
  const say = (event: RemoteEvent) => io.out(remoteEventLine(event));
  // A terminal would be this machine's, where no one may be.
  const unattended = {
    ...command,
    io: { ...io, terminal: { ...io.terminal, in: false } },
  };
  try {
    const redirects = new Redirects(io);
    const context: Context = {
      ...await prepareCommand(unattended, {}, {
        interactive: true,
        loginTimeout: flags.timeout,
        device: false,
        openUrl: () => {},
        pastedUrls: redirects.lines,
        signal: AbortSignal.any([io.signal, redirects.ended]),
        onEvent: (event) => {
          if (event.type === "ready") {
            say({
              event: "ready",
              broker: event.broker,
              app: maskKey(context.app.consumerKey),
              authorization_url: event.url,
              callback_url: event.callbackUrl,
            });
          }
          // From here on it can be finished without the other machine.
          if (event.type === "exchanging") redirects.found();
        },
      }, { askPassphrase: () => Promise.reject(noPassphrase()) }),
    };
    const { tokens, outcome } = await runLogin(unattended, context, {
      pasteOnly: "the browser is on another machine",
    });
    say({ event: "stored", ...storedLogin(context, tokens, outcome) });
    remember(unattended, context);
    noteTokens(unattended, context, tokens);
  } catch (error) {
    const known = error instanceof TdauthError;
    say({
      event: "failed",
      code: known ? error.code : "unexpected",
      message: (error instanceof Error ? error.message : String(error))
        .replace(/^Cannot log in[^:]*: /, ""),
      hint: known && error.hint ? hintText(command, error.hint) : null,
    });
    throw new ExitWith(known ? exitCode(error) : EXIT.failed);
  }
}

/** The redirects on stdin. */
class Redirects {
  /** The lines, as they come. */
  readonly lines: ReadableStream<string>;
  readonly #end = new AbortController();
  #found = false;

  constructor(io: Pick<Io, "input">) {
    // Read ahead: its end must be seen while the login waits for something else.
    this.lines = new ReadableStream<string>({
      start: (controller) => {
        (async () => {
          for await (const line of boundedLines(io.input(), LONGEST_REDIRECT)) {
            if (!this.#found) controller.enqueue(line);
          }
          throw new Error("its input ended");
        })().catch(() => {
          if (!this.#found) this.#end.abort(connectionEnded());
        });
      },
    });
  }

  /** Aborted when the input ends before a redirect was found. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  /** The rest of the input no longer matters. */
  found(): void {
    this.#found = true;
  }
}

function connectionEnded(): TdauthError {
  return new TdauthError(
    "login_cancelled",
    "Cannot log in: the connection ended before a redirect came",
    { hint: "log in again from the other machine" },
  );
}

function noPassphrase(): TdauthError {
  return new TdauthError(
    "cache_sealed",
    "Cannot open the sealed tokens: no one can be asked for the passphrase over ssh",
    {
      hint: [
        { text: "in a terminal there, run", command: ["login"] },
        ", or set TD_CACHE_PASSPHRASE there",
      ],
    },
  );
}
