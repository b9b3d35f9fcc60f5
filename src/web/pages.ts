import type { TdauthError } from "../base/errors.ts";
import { framePage, type RenderedPage } from "../login/page_frame.ts";

/** What a page leads to. */
export interface WebPageLink {
  /** The path. */
  readonly href: string;
  /** What it says. */
  readonly text: string;
}

/** The page at the callback when this browser has no login that the address answers. */
export function strayPage(again: WebPageLink): Promise<RenderedPage> {
  return framePage({
    status: 400,
    mark: "bad",
    title: "This login is not yours, or is over",
    body: [
      ["The address that brought you here does not belong to a login that this browser began, or the login took too long. Nothing was changed."],
    ],
    action: again,
    foot: "If you did not begin a login, another web page sent you here.",
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
      title: "Access was not given",
      body: [[
        `The access was declined, by you or by ${broker}. Nothing was stored.`,
      ]],
      action: again,
      foot: "You may close this tab.",
    });
  }
  if (error.code === "cache_sealed" || error.code === "cache_corrupt") {
    return framePage({
      status: 500,
      mark: "bad",
      title: "The login could not be completed",
      body: [[
        "This application cannot keep logins as it is set up. Tell whoever runs it.",
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
          ours ? "This application’s store" : broker
        } does not answer just now. Try again in a minute.`
        : `${broker} did not accept it. Try again; if it happens again, tell whoever runs this application.`,
    ]],
    action: again,
    foot: "Nothing was stored.",
  });
}

/** The page for a login whose tokens came when the store did not answer. */
export function latePage(goOn: WebPageLink): Promise<RenderedPage> {
  return framePage({
    status: 503,
    mark: "wait",
    title: "Your login waits for this application’s store",
    body: [[
      "The store does not answer just now. Go on in a minute; if you are asked to log in again, the login could not be kept.",
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
      "This application’s store does not answer just now, so your session could not be ended. Log out again in a minute.",
    ]],
    action: back,
    foot: "Do not leave this computer to others before.",
  });
}
