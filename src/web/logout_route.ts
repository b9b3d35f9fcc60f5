import { stillLoggedInPage } from "./pages.ts";
import { redirectTo, sayPlainly, showPage } from "./responses.ts";
import type { WebApp } from "./web_app.ts";

/**
 * Ends the session of the user who sends a same-site request, by POST.
 *
 * @param web The application.
 * @param request The request to the logout route.
 * @returns A redirect that deletes the session's cookie; 403 when another site sends it; 503, with the cookie kept, when the tokens could not be deleted.
 */
export async function endSession(
  web: WebApp,
  request: Request,
): Promise<Response> {
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site");
  // If the browser sends Sec-Fetch-Site, Origin is not needed, which a page's Referrer-Policy may turn into null.
  const own = site === null
    ? origin === null || origin === web.origin
    : site === "same-origin";
  if (!own) {
    return sayPlainly(403, "Cross-site logout rejected");
  }
  const session = await web.sessions.session(request);
  if (session !== undefined && !await web.logouts.end(web, session.session)) {
    // Without the cookie the user could not retry, and a copy of it would still work.
    const page = await stillLoggedInPage({ href: web.homePath, text: "Back" });
    page.headers.set("retry-after", "30");
    return showPage(page);
  }
  return redirectTo(web.homePath, [web.sessions.endSession()]);
}
