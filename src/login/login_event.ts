import type { TdauthError } from "../base/errors.ts";

/**
 * What happens during a login, for a user interface of your own.
 *
 * - `ready`: the callback server listens and the browser is about to be opened.
 * - `opened`, `not_opened`: the result; the login continues either way.
 * - `rejected`: a redirect or a pasted URL was rejected; the login continues.
 * - `exchanging`: the redirect has come; the code is being exchanged.
 * - `done`: the tokens are stored.
 * - `failed`: the login is over without tokens; the same error is thrown.
 */
export type LoginEvent =
  | {
    readonly type: "ready";
    /** The broker's name. */
    readonly broker: string;
    /** The broker's page. */
    readonly url: string;
    /** The callback URL, as it was sent. */
    readonly callbackUrl: string;
    /** When the login times out, in milliseconds since the epoch. */
    readonly deadline: number;
    /** Why the redirect can only be pasted, where that is so. */
    readonly pasteOnly?: string;
  }
  | { readonly type: "opened" }
  | { readonly type: "not_opened"; readonly message: string }
  | {
    readonly type: "rejected";
    readonly from: "redirect" | "paste";
    readonly reason: string;
  }
  | { readonly type: "exchanging" }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly error: TdauthError };
