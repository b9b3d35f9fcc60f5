/** A scripted user of oidc-provider's device forms, who enters the code that a terminal shows. */
import { Browser } from "../../src/sandbox/browse.ts";
import { type HtmlForm, parseForms } from "../../src/sandbox/html_form.ts";

/** What the user does. */
export interface EnterCodeOptions {
  /** The code, to be typed; not needed where the page's URL has it. */
  readonly userCode?: string;
  /** Whether the user aborts when asked whether the code is theirs. */
  readonly abort?: boolean;
}

/** More pages than there are. */
const MOST_PAGES = 20;

/**
 * Opens the page, enters the code, confirms it, logs in, consents, and ends at
 * the page without a form.
 *
 * @returns That page's text.
 */
export async function enterCode(
  url: string,
  { userCode = "", abort = false }: EnterCodeOptions = {},
): Promise<string> {
  const browser = new Browser(AbortSignal.timeout(60_000));
  let at = new URL(url);
  let page = await browser.open(at);
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    if (page.location !== null) {
      at = new URL(page.location, at);
      page = await browser.open(at);
      continue;
    }
    if (page.status !== 200) throw new Error(`${at} answered ${page.status}`);
    const form = parseForms(page.body).find(({ method }) => method === "POST");
    if (form === undefined || /Success|Error/.test(titleOf(page.body))) {
      return page.body;
    }
    at = new URL(form.action ?? "", at);
    const sent = filled(form, userCode, abort);
    page = await browser.open(at, sent);
    if (sent.has("abort")) return page.body;
  }
  throw new Error(`The login did not end within ${MOST_PAGES} pages`);
}

function filled(
  form: HtmlForm,
  userCode: string,
  abort: boolean,
): URLSearchParams {
  const typed: Readonly<Record<string, string>> = {
    login: "pat",
    password: "pat",
    user_code: userCode,
  };
  const sent = new URLSearchParams(
    form.fields.filter(({ name }) => name !== "").map(({ name, value }) => [
      name,
      value === "" ? typed[name] ?? "" : value,
    ]),
  );
  if (abort && sent.has("confirm")) sent.set("abort", "yes");
  return sent;
}

function titleOf(page: string): string {
  return /<title>([^<]*)/.exec(page)?.[1] ?? "";
}
