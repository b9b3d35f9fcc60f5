import type { HintStep } from "../../../base/hint.ts";
import { TdauthError } from "../../../base/errors.ts";
import { withHint } from "../../../base/with_hint.ts";
import { networkReason } from "../../../base/network_failure.ts";
import type { Command } from "../../grammar/command.ts";
import { formatDuration } from "../../terminal/duration.ts";
import { ExitWith, INTERRUPTED } from "../../terminal/exit_code.ts";
import { openOutput } from "./fetch_output.ts";
import type { FetchFlags } from "./flags.ts";
import { fetchRequest } from "./fetch_request.ts";
import { Silence } from "./silence.ts";
import { storedAuthorization } from "../../account/stored_token.ts";

/** The hint to specify a path. */
const PATH_OF_API: HintStep = {
  text: "specify an API path, like",
  command: ["fetch", "/trader/v1/accounts"],
};

/**
 * Sends a request with the token to the broker's API, and streams the response.
 *
 * @param command The command.
 * @param target A URL of the API, or a path on it.
 */
export async function fetchTarget(
  command: Command<FetchFlags>,
  target: string,
): Promise<void> {
  const { io, flags } = command;
  const seconds = flags.timeout;
  refuseEmpty(target);
  const request = await fetchRequest(command);
  using output = openOutput(command); // before an order is sent whose answer could not be kept
  const authorization = await storedAuthorization(command, flags.minValid);
  const what = `${request.method} ${pathOf(target)}`;
  using silence = new Silence(seconds);
  try {
    await authorization.token();
    silence.begins();
    const response = await authorization.fetch(target, {
      ...request,
      signal: AbortSignal.any([io.signal, silence.signal]),
    });
    await output.write(response, silence);
    const failed = failure(what, response);
    if (failed !== undefined) throw failed;
  } catch (error) {
    if (io.signal.aborted) throw new ExitWith(INTERRUPTED);
    if (error instanceof TdauthError || error instanceof ExitWith) {
      throw forThisCommand(error, target);
    }
    if (silence.signal.aborted) {
      throw new TdauthError(
        "broker_unavailable",
        `Cannot ${what}: timed out after ${
          formatDuration(seconds)
        } without data`,
        { hint: "retry, or increase --timeout", cause: error },
      );
    }
    if (!(error instanceof TypeError)) throw error;
    throw new TdauthError(
      "broker_unavailable",
      `Cannot ${what}: ${networkReason(error)}`,
      {
        hint: { text: "retry, or find the cause:", command: ["doctor"] },
        cause: error,
      },
    );
  }
}

/** Usually an unset variable of a script; the token would go to "/". */
function refuseEmpty(target: string): void {
  if (target.trim() !== "") return;
  throw new TdauthError(
    "invalid_options",
    "Cannot fetch: the URL is empty",
    { hint: PATH_OF_API },
  );
}

/** The target without its query, which may be private. */
function pathOf(target: string): string {
  return target.replace(/[?#].*$/s, "");
}

/** The hint of the module's own error is for programmers. */
function forThisCommand(
  error: TdauthError | ExitWith,
  target: string,
): TdauthError | ExitWith {
  // A path is of the API already: what is missing is its origin.
  if (
    error instanceof ExitWith || error.code !== "forbidden_origin" ||
    /^\/(?!\/)/.test(target)
  ) {
    return error;
  }
  return withHint(error, [
    PATH_OF_API,
    { text: "; for other hosts pass the output of", command: ["header"] },
    " to your own program",
  ], error);
}

/** The error of an unsuccessful status, after the response was written. */
function failure(what: string, response: Response): TdauthError | undefined {
  const { status } = response;
  if (response.ok || status === 304) return undefined;
  if (status === 401) {
    return new TdauthError(
      "login_needed",
      `Cannot ${what}: the API rejected the access token (401)`,
      { hint: { text: "log in:", command: ["login"] } },
    );
  }
  if (status === 429 || status >= 500) {
    return new TdauthError(
      "broker_unavailable",
      `Cannot ${what}: the API returned ${status}`,
      { hint: "retry in a moment" },
    );
  }
  if (status < 400) {
    return new TdauthError(
      "unexpected_answer",
      `Cannot ${what}: the API redirected (${status}) to ${
        locationOf(response)
      }, where the token is not sent`,
      { hint: "fetch that URL directly, if it belongs to the API" },
    );
  }
  return new TdauthError(
    "unexpected_answer",
    `Cannot ${what}: the API returned ${status}`,
    { hint: "see the response body" },
  );
}

function locationOf(response: Response): string {
  const location = response.headers.get("location") ?? "";
  if (!URL.canParse(location, response.url)) return "nowhere";
  const { origin, pathname } = new URL(location, response.url);
  return origin + pathname;
}
