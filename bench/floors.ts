import { TOKEN } from "./place.ts";

/** A program that does less than tdauth, to compare it with. */
export interface Floor {
  /** What the table calls it. */
  readonly name: string;
  /** Its source. */
  readonly source: string;
  /** What it prints. */
  readonly expected: string;
  /** What the picture calls it. @default {it is not in the picture} */
  readonly label?: string;
}

/**
 * Returns the floors; everything is compared with the first one.
 *
 * @param tokenFile The file that the second one reads.
 */
export function floors(tokenFile: string): [Floor, ...Floor[]] {
  return [
    {
      name: "an empty program",
      label: "an empty program",
      source: "",
      expected: "",
    },
    {
      name: "reading and parsing the token file",
      source: `const { access_token } = JSON.parse(Deno.readTextFileSync(${
        JSON.stringify(tokenFile)
      }));
Deno.stdout.writeSync(new TextEncoder().encode(access_token.token + "\\n"));`,
      expected: `${TOKEN}\n`,
    },
    {
      name: "an empty program that runs `true`",
      source: `const child = new Deno.Command("true", {
  stdin: "inherit",
  stdout: "inherit",
  stderr: "inherit",
}).spawn();
Deno.exit((await child.status).code);`,
      expected: "",
    },
  ];
}
