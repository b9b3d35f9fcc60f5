import { PAGE_HEADERS, type RenderedPage } from "../login/page_frame.ts";

/** Redirects the browser, with cookies. 303, so that it continues with GET and drops this URL (RFC 9110 §15.4.4). */
export function redirectTo(
  location: string,
  cookies: readonly string[] = [],
): Response {
  return respond(null, 303, { location }, cookies);
}

/** Shows a page, with cookies. */
export function showPage(
  { html, status, headers }: RenderedPage,
  cookies: readonly string[] = [],
): Response {
  return respond(html, status, Object.fromEntries(headers), cookies);
}

/** Responds with plain text. */
export function sayPlainly(
  status: number,
  text: string,
  headers: Record<string, string> = {},
): Response {
  const type = { "content-type": "text/plain; charset=utf-8" };
  return respond(text + "\n", status, { ...type, ...headers }, []);
}

function respond(
  body: string | null,
  status: number,
  headers: Record<string, string>,
  cookies: readonly string[],
): Response {
  const all = new Headers({ ...PAGE_HEADERS, ...headers });
  for (const cookie of cookies) all.append("set-cookie", cookie);
  return new Response(body, { status, headers: all });
}
