import assert from "node:assert/strict";
import fc from "fast-check";
import { cookieSealer } from "../../src/web/cookie_keys.ts";
import {
  cookieName,
  formatCookie,
  readCookies,
} from "../../src/web/cookies.ts";
import { returnPath } from "../../src/web/return_path.ts";

/** Texts that look like paths and are made of what parsers disagree about. */
const hostile = fc.array(
  fc.oneof(
    fc.constantFrom(
      "/",
      "//",
      "\\",
      "\t",
      "\n",
      "\r",
      ".",
      "..",
      "@",
      ":",
      "?",
      "#",
      "%2f",
      "%5c",
      "%09",
      "evil.example",
      "https:",
      "javascript:",
      "\u0000",
      "\u3002",
      " ",
      "*",
      "[",
      "\ud800",
    ),
    fc.string({ maxLength: 3 }),
  ),
  { maxLength: 12 },
).map((parts) => parts.join(""));

for (
  const origin of ["https://app.example", "http://localhost:8000"]
) {
  Deno.test(`returnPath() never leaves ${origin}, wherever the path is read (line 49)`, () => {
    fc.assert(
      fc.property(fc.boolean(), hostile, (slash, text) => {
        const path = returnPath(slash ? `/${text}` : text, origin);
        if (path === undefined) return;
        for (
          const from of [`${origin}/callback?code=x`, `${origin}//a/b/../c`]
        ) {
          assert.equal(new URL(path, from).origin, origin);
        }
        // A browser reads it from a header, where white space is cut off and backslashes are slashes.
        assert.match(path, /^\/(?![/\\])/);
        // deno-lint-ignore no-control-regex -- what a header cannot hold
        assert.doesNotMatch(path, /[\x00-\x20\x7f-\uffff]/);
        assert.equal(returnPath(path, origin), path, "again the same");
        new Headers({ location: path });
      }),
      { numRuns: 5000 },
    );
  });
}

Deno.test("returnPath() keeps every path that a browser would show", () => {
  fc.assert(
    fc.property(
      fc.webPath().filter((path) => path.startsWith("/")),
      fc.webQueryParameters(),
      (path, query) => {
        const { pathname } = new URL(`http://x${path}`);
        fc.pre(!pathname.startsWith("//"));
        const asked = `${pathname}?${query}`;
        const { search } = new URL(asked, "http://x");
        assert.equal(
          returnPath(asked, "https://app.example"),
          pathname + search,
        );
      },
    ),
  );
});

const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,20}$/);
const value = fc.stringMatching(/^[A-Za-z0-9_=-]{0,40}$/);

Deno.test("readCookies() reads what formatCookie() wrote, among whatever else the browser sends", () => {
  fc.assert(
    fc.property(
      token,
      value,
      fc.boolean(),
      fc.array(fc.string().map((text) => text.replace(/[^\x20-\x7e]/g, "")), {
        maxLength: 5,
      }),
      (name, text, https, others) => {
        const own = cookieName(name, https);
        fc.pre(!others.join(";").includes(own));
        const line = formatCookie(own, text, { maxAge: 1.5 });
        assert.match(
          line,
          /; Path=\/; Max-Age=1; HttpOnly; Secure; SameSite=Lax$/,
        );
        const cookie = [...others, line.split(";")[0], ...others].join("; ");
        const request = new Request("http://x/", { headers: { cookie } });
        assert.equal(readCookies(request).get(own), text);
      },
    ),
  );
});

Deno.test("readCookies() accepts the first of two cookies of a name", () => {
  const headers = { cookie: "a=1; b; =c; a=2; __proto__=3" };
  const cookies = readCookies(new Request("http://x/", { headers }));
  assert.deepEqual([...cookies], [["a", "1"], ["", "c"], ["__proto__", "3"]]);
});

Deno.test("cookieSealer() opens nothing that it has not sealed for that purpose (line 49)", async () => {
  const sealer = cookieSealer(["CANARY-cookie-key-of-at-least-32-characters"]);
  await fc.assert(
    fc.asyncProperty(
      fc.jsonValue(),
      fc.string(),
      fc.string(),
      fc.string(),
      async (value, context, other, junk) => {
        const sealed = await sealer.seal(value, context);
        assert.match(sealed, /^[\w-]+$/);
        assert.deepEqual(
          await sealer.open(sealed, context),
          JSON.parse(JSON.stringify(value)),
        );
        if (other !== context) {
          assert.equal(await sealer.open(sealed, other), undefined);
        }
        assert.equal(await sealer.open(junk, context), undefined);
        assert.equal(
          await sealer.open(sealed + junk, context) === undefined,
          junk !== "",
        );
      },
    ),
    { numRuns: 200 },
  );
});
