import assert from "node:assert/strict";
import fc from "fast-check";
import {
  checkRedirect,
  redirectParameters,
  sameText,
} from "../../src/login/redirect.ts";

const STATE = "s3cret-State_of-this-login";

function check(query: string): string {
  const result = checkRedirect(redirectParameters(query), STATE);
  return result.ok ? "ok" : result.reason;
}

Deno.test("checkRedirect() accepts a code with the right state, and ignores what it does not know", () => {
  assert.equal(check(`?code=C0.abc%40&session=1&state=${STATE}`), "ok");
});

Deno.test("checkRedirect() accepts an error with the right state: the broker's no is an answer", () => {
  assert.equal(check(`?error=access_denied&state=${STATE}`), "ok");
});

Deno.test("checkRedirect() rejects a wrong or missing state", () => {
  for (const state of [`${STATE}x`, STATE.slice(1), STATE.toUpperCase(), "x"]) {
    assert.equal(check(`?code=a&state=${state}`), "wrong_state");
  }
  assert.equal(check("?code=a"), "missing_state");
  assert.equal(check("?code=a&state="), "missing_state");
  assert.deepEqual(checkRedirect(new URLSearchParams("code=a&state="), ""), {
    ok: false,
    reason: "missing_state",
  });
});

Deno.test("checkRedirect() rejects error= without the right state", () => {
  assert.equal(check("?error=access_denied"), "missing_state");
  assert.equal(check("?error=access_denied&state=x"), "wrong_state");
});

Deno.test("checkRedirect() rejects a repeated code, state, error or iss, even with the same value", () => {
  for (
    const repeated of [
      "code=a",
      `state=${STATE}`,
      "error=x",
      "iss=https%3A%2F%2Fx",
    ]
  ) {
    assert.equal(
      check(`?code=a&state=${STATE}&${repeated}&${repeated}`),
      "repeated_parameter",
    );
  }
});

Deno.test("checkRedirect() rejects the right state without a code, with an empty one, and with a code and an error", () => {
  assert.equal(check(`?state=${STATE}`), "missing_code");
  assert.equal(check(`?code=&state=${STATE}`), "missing_code");
  assert.equal(check(`?code=a&error=b&state=${STATE}`), "code_and_error");
});

Deno.test("redirectParameters() decodes exactly once and keeps the plus signs of a code", () => {
  const parameters = redirectParameters(
    "?error_description=No+access&code=C0.a+b%2Bc%2540%40&state=x+y",
  );
  assert.equal(parameters.get("code"), "C0.a+b+c%40@");
  assert.equal(parameters.get("error_description"), "No access");
  assert.equal(parameters.get("state"), "x y");
  assert.equal(redirectParameters("code=a+b").get("code"), "a+b");
  assert.equal(redirectParameters("?zipcode=a+b").get("zipcode"), "a b");
});

Deno.test("redirectParameters() returns any code that was escaped or sent raw in Base64", () => {
  fc.assert(fc.property(fc.string(), (code) => {
    assert.equal(
      redirectParameters(
        `?state=s&code=${encodeURIComponent(code.toWellFormed())}`,
      )
        .get("code"),
      code.toWellFormed(),
    );
  }));
  fc.assert(fc.property(fc.base64String(), (code) => {
    assert.equal(redirectParameters(`?code=${code}`).get("code"), code);
  }));
});

Deno.test("sameText() is true only for the same text", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (one, other) => {
    assert.equal(sameText(one, other), one === other);
    assert.ok(sameText(one, `${one}`));
  }));
});

Deno.test("sameText() takes constant time: it compares every character, wherever the first difference is", () => {
  const looks = (given: string) => {
    let count = 0;
    const counted = (text: string) => ({
      length: text.length,
      charCodeAt: (index: number) => (count++, text.charCodeAt(index)),
    });
    sameText(counted(given), counted(STATE));
    return count;
  };
  const right = looks(STATE);
  assert.equal(right, 2 * STATE.length);
  for (let index = 0; index < STATE.length; index++) {
    const wrong = STATE.slice(0, index) + "!" + STATE.slice(index + 1);
    assert.equal(looks(wrong), right);
  }
});
