import type { TdauthError } from "../base/errors.ts";

/**
 * What happens during a login, for a user interface of your own.
 *
 * - `ready`: the callback server listens and the browser is about to be opened.
 * - `device`: a code was issued, which the user enters on another device (RFC 8628); comes in place of `ready`.
 * - `retrying`: the broker could not be asked whether the code was entered; the login continues.
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
  | {
    readonly type: "device";
    /** The broker's name. */
    readonly broker: string;
    /** The code that the user enters. */
    readonly userCode: string;
    /** The page on which it is entered, on any device. */
    readonly verificationUri: string;
    /** The same page with the code filled in, where the broker has that: for a QR code. */
    readonly verificationUriComplete?: string;
    /** When the code expires or the login times out, whichever is first, in milliseconds since the epoch. */
    readonly deadline: number;
    /** Why there is no login in a browser here, unless a login with a code was asked for. */
    readonly because?: string;
  }
  | { readonly type: "retrying"; readonly message: string }
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
