/** Clients whose ids and secrets have every character that a server registers. */
import type { Client, ServerKind } from "./real_server.ts";

/** A client, and what its id or secret is for. */
export interface NamedClient extends Client {
  /** What is special in it. */
  readonly what: string;
}

/** Every printable character of ASCII but letters and digits. */
const PRINTABLE = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
/** Characters of two and three bytes of UTF-8. */
const BEYOND = "é€";

/** Characters that a server may refuse to register, each tried in a client of its own. */
export const DOUBTFUL = [...PRINTABLE, ...BEYOND];

/** Characters that form encoding changes: a server that reads a Basic header as it is finds others. */
export const ENCODED = DOUBTFUL.filter((one) => !/[*._-]/.test(one)).join("");

/** A client whose id or secret has one of these characters. */
export interface OddClient extends Client {
  /** The character. */
  readonly character: string;
  /** Where it is. */
  readonly part: "id" | "secret";
}

/** Returns two clients for each character that the server registers: one with it in the id, one in the secret. */
export function oddClients({ refuses = "" }: ServerKind): OddClient[] {
  return DOUBTFUL.filter((one) => !refuses.includes(one))
    .flatMap((character, index) =>
      [
        {
          character,
          part: "id",
          id: `o${character}x${index}`,
          secret: "secret",
        },
        {
          character,
          part: "secret",
          id: `odd${index}`,
          secret: `s${character}x`,
        },
      ] as const
    );
}

/**
 * Returns the clients to log in with: those that need no encoding, those of
 * RFC 3986's unreserved characters, and those with all that the server registers.
 */
export function clientsOf({ refuses = "" }: ServerKind): NamedClient[] {
  const taken = DOUBTFUL.filter((character) => !refuses.includes(character));
  const printable = taken.filter((one) => PRINTABLE.includes(one)).join("");
  const beyond = taken.filter((one) => BEYOND.includes(one)).join("");
  return [
    {
      what: 'an id and a secret with "-", ".", "_" and "~"',
      id: "7d3f2b1a-90c4-4e5b.8a_f~6",
      secret: "s-e.c_r~et",
    },
    {
      what: "a secret with every printable character that the server registers",
      id: "printable",
      secret: `s${printable}x%41y`,
    },
    {
      what: "an id with every printable character that the server registers",
      id: `i${printable}x`,
      secret: "secret",
    },
    ...(beyond === "" ? [] : [{
      what: "a secret with letters beyond ASCII",
      id: "beyond",
      secret: `s${beyond}x`,
    }]),
  ];
}

/** Returns a client for each character that the server is said to refuse. */
export function refusedClients({ refuses = "" }: ServerKind): Client[] {
  return [...refuses].map((character, index) => ({
    id: `refused${index}`,
    secret: `s${character}x`,
  }));
}
