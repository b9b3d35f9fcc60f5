import type { TdauthError } from "../base/errors.ts";
import { framePage, type RenderedPage } from "../login/page_frame.ts";

/** A page's link. */
export interface WebPageLink {
  /** The path. */
  readonly href: string;
  /** The text. */
  readonly text: string;
}

/** The page at the callback when the URL belongs to no login of this browser. */
export function strayPage(again: WebPageLink): Promise<RenderedPage> {
  return framePage({
    status: 400,
    mark: "bad",
    title: "This login is not yours, or has expired",
    body: [
      ["This link is not from a login that this browser started, or the login timed out. Nothing was changed."],
    ],
    action: again,
    foot: "If you did not start a login, another web page sent you here.",
  });
}

/** The page for a login that was declined or failed. */
export function failedPage(
  broker: string,
  error: TdauthError,
  again: WebPageLink,
): Promise<RenderedPage> {
  if (error.code === "login_denied") {
    return framePage({
      status: 403,
      mark: "bad",
      title: "Access was denied",
      body: [[
        `You or ${broker} denied access. Nothing was stored.`,
      ]],
      action: again,
      foot: "You can close this tab.",
    });
  }
  if (error.code === "cache_sealed" || error.code === "cache_corrupt") {
    return framePage({
      status: 500,
      mark: "bad",
      title: "The login could not be completed",
      body: [[
        "This application is misconfigured and cannot store logins. Contact its operator.",
      ]],
      action: again,
      foot: "Nothing was stored.",
    });
  }
  const ours = error.code === "busy" || error.code === "cache_unreadable";
  const transient = ours || error.code === "broker_unavailable";
  return framePage({
    status: transient ? 503 : 502,
    mark: "bad",
    title: "The login could not be completed",
    body: [[
      transient
        ? `${
          ours ? "This application’s database" : broker
        } is unavailable. Try again in a minute.`
        : `${broker} rejected it. Try again; if it happens again, contact this application’s operator.`,
    ]],
    action: again,
    foot: "Nothing was stored.",
  });
}

/** The page for a login whose tokens arrived when the store was unavailable. */
export function latePage(goOn: WebPageLink): Promise<RenderedPage> {
  return framePage({
    status: 503,
    mark: "wait",
    title: "Your login is waiting for this application’s database",
    body: [[
      "The database is unavailable. Continue in a minute; if you are asked to log in again, the login could not be saved.",
    ]],
    action: goOn,
    foot: "Nothing is wrong with your account.",
  });
}

/** The page for a logout that could not be done. */
export function stillLoggedInPage(back: WebPageLink): Promise<RenderedPage> {
  return framePage({
    status: 503,
    mark: "bad",
    title: "You are still logged in",
    body: [[
      "This application’s database is unavailable, so your session could not be ended. Log out again in a minute.",
    ]],
    action: back,
    foot: "Until then, do not let others use this computer.",
  });
}
