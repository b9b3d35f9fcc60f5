import denoJson from "../../../deno.json" with { type: "json" };

/** The program's version, of which `deno.json` has the one copy. */
export const VERSION: string = denoJson.version;
