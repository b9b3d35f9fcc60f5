import { holdsTokens } from "./looks_like_tokens.ts";

/** What the files are that have one name each, by what is in them: other programs have files of these names, too. */
const FILES: Readonly<
  Record<string, (file: Record<string, unknown>) => boolean>
> = {
  "config.json": ({ profiles }) =>
    isObject(profiles) && Object.values(profiles).some(isProfile),
  "certificate.json": isCertificate,
  "trust.json": ({ version, trusted }) =>
    version === 1 && Array.isArray(trusted),
};
/** The longest file that is looked into, in bytes; tdauth's own are far shorter. */
const LONGEST = 262_144;
/** How many files of a directory are looked at. */
const MOST = 1000;

/**
 * Says what a directory holds, as far as that tells whose it is: by what is in
 * the files, never by their names alone, which anybody chooses.
 *
 * @param path The directory.
 * @returns `own` where a file of tdauth's or pyTD's is in it, `other` where only other things are.
 */
export function directoryContent(path: string): "empty" | "own" | "other" {
  let content: "empty" | "other" = "empty";
  let looked = 0;
  for (const { name, isFile } of Deno.readDirSync(path)) {
    content = "other";
    if (++looked > MOST) break;
    if (isFile && isOurs(`${path}/${name}`, name)) return "own";
  }
  return content;
}

/**
 * Says whether the value of a JSON text is a kept certificate of the callback server.
 *
 * @param file The value.
 */
export function isCertificate(file: unknown): boolean {
  return isObject(file) && "not_after" in file &&
    [file["cert"], file["ca"], file["key"]].every((pem) =>
      typeof pem === "string" && pem.startsWith("-----BEGIN ")
    );
}

function isOurs(path: string, name: string): boolean {
  try {
    if (Deno.lstatSync(path).size > LONGEST) return false;
    const file = JSON.parse(Deno.readTextFileSync(path));
    const is = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
    return isObject(file) && (is ?? holdsTokens)(file);
  } catch {
    return false; // not JSON, or not for us to read
  }
}

/** Texts alone, one of which says which app it is. */
function isProfile(profile: unknown): boolean {
  return isObject(profile) &&
    Object.values(profile).every((value) => typeof value === "string") &&
    ("consumerKey" in profile || "provider" in profile);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
