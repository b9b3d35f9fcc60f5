/**
 * The checks that a redirect from the broker must pass, whether a browser
 * brought it to the callback server or a person pasted it.
 */

/** Why a redirect is not the answer that the login waits for. */
export type RedirectRejection =
  | "missing_state"
  | "wrong_state"
  | "repeated_parameter"
  | "missing_code"
  | "code_and_error";

/** Why a request to the callback server brings no answer that can be read: it was posted, its query is empty, or its method or host is another. */
export type UnreadRedirect =
  | "posted"
  | "no_answer"
  | "wrong_method"
  | "wrong_host";

/** A redirect's parameters, or why they were refused. */
export type RedirectCheck<Reason extends string = RedirectRejection> =
  | { readonly ok: true; readonly parameters: URLSearchParams }
  | { readonly ok: false; readonly reason: Reason };

/** The parameters by which a redirect is told from any other request. */
export const ANSWER: readonly string[] = ["code", "state", "error", "iss"];
/** RFC 6749 §3.1: parameters must not be included more than once. */
const ONCE = ANSWER;

/**
 * Says whether a redirect's parameters answer the login that sent this `state`.
 * A broker's refusal (`error`) with the right state is an answer too.
 *
 * @param parameters The redirect's parameters, from {@linkcode redirectParameters}.
 * @param state The state that this login sent; never empty.
 * @returns The parameters, or why they were refused.
 */
export function checkRedirect(
  parameters: URLSearchParams,
  state: string,
): RedirectCheck {
  if (ONCE.some((name) => parameters.getAll(name).length > 1)) {
    return { ok: false, reason: "repeated_parameter" };
  }
  const given = parameters.get("state");
  if (!given) return { ok: false, reason: "missing_state" };
  if (!sameText(given, state)) return { ok: false, reason: "wrong_state" };
  const code = parameters.get("code");
  if (parameters.has("error")) {
    return code === null
      ? { ok: true, parameters }
      : { ok: false, reason: "code_and_error" };
  }
  return code
    ? { ok: true, parameters }
    : { ok: false, reason: "missing_code" };
}

/**
 * Reads the parameters of a redirect, decoding each exactly once.
 *
 * A query is form-encoded (RFC 6749 §4.1.2), so `+` stands for a space, as in
 * `error_description=Access+was+denied`. The code alone keeps its `+`: the
 * brokers' codes are Base64, which has plus signs and no spaces, and a broker
 * that forgets to escape one is more likely than a code with a space in it.
 *
 * @param query The query, with or without its question mark, as it was sent.
 * @returns The decoded parameters.
 */
export function redirectParameters(query: string): URLSearchParams {
  return new URLSearchParams(
    query.replace(
      /(^\??|&)code=[^&]*/g,
      (parameter) => parameter.replaceAll("+", "%2B"),
    ),
  );
}

/** What is read of a form that a browser posts. */
const POSTED = [...ANSWER, "error_description"];

/**
 * Reads the parameters of a redirect that a browser posts as a form (OAuth 2.0
 * Form Post Response Mode): those of the protocol and no others.
 *
 * @param body The form, form-encoded.
 * @returns The decoded parameters.
 */
export function postedParameters(body: string): URLSearchParams {
  return new URLSearchParams(
    [...new URLSearchParams(body)].filter(([name]) => POSTED.includes(name)),
  );
}

/** The part of a string that a comparison needs. */
export type Characters = Pick<string, "length" | "charCodeAt">;

/**
 * Compares two texts in time that depends only on their lengths, so that a
 * state cannot be guessed character by character.
 *
 * @param given The text that was sent.
 * @param expected The text that it should be.
 * @returns Whether they are the same.
 */
export function sameText(given: Characters, expected: Characters): boolean {
  let difference = given.length ^ expected.length;
  for (let index = 0; index < given.length; index++) {
    // Past the end charCodeAt() is NaN, which `^` treats as 0.
    difference |= given.charCodeAt(index) ^ expected.charCodeAt(index);
  }
  return difference === 0;
}
