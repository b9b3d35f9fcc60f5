/** A control of a form that a browser could submit. */
export interface FormField {
  readonly name: string;
  readonly value: string;
  /** `text`, `password`, `hidden`, `checkbox`, `submit`, … */
  readonly type: string;
  readonly checked: boolean;
}

/** A form on a page, as far as the practice broker's pages use forms. */
export interface HtmlForm {
  readonly action: string;
  readonly method: string;
  readonly fields: readonly FormField[];
}

/** The forms of a page. */
export function parseForms(page: string): HtmlForm[] {
  return [...page.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(
    ([, tag = "", content = ""]) => {
      const form = attributes(tag);
      return {
        action: form.get("action") ?? "",
        method: (form.get("method") ?? "get").toUpperCase(),
        fields: [...content.matchAll(/<(input|button)\b([^>]*)>/gi)].map(
          ([, kind, tag = ""]) => {
            const field = attributes(tag);
            return {
              name: field.get("name") ?? "",
              value: field.get("value") ?? "",
              type: field.get("type") ?? (kind === "input" ? "text" : "submit"),
              checked: field.has("checked"),
            };
          },
        ),
      };
    },
  );
}

/** The first element of a kind as text, without its markup. */
export function textOf(page: string, element: RegExp): string | undefined {
  const [, content] = element.exec(page) ?? [];
  return content === undefined
    ? undefined
    : unescape(content.replace(/<[^>]*>/g, "")).replace(/\s+/g, " ").trim();
}

function attributes(tag: string): Map<string, string> {
  return new Map(
    [...tag.matchAll(/([a-z-]+)(?:="([^"]*)")?/gi)].map((
      [, name = "", value = ""],
    ) => [name.toLowerCase(), unescape(value)]),
  );
}

function unescape(text: string): string {
  const characters: Record<string, string> = {
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#39;": "'",
  };
  return text.replace(
    /&(?:amp|lt|gt|quot|#39);/g,
    (entity) => characters[entity] ?? entity,
  );
}
