import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type AnswerContent,
  isTransientStatus,
  TOKEN_ERRORS,
  type TokenAnswer,
  tokenErrorVerdict,
  type Verdict,
} from "../../src/oauth/token_error.ts";
import { schwab } from "../../src/providers/schwab.ts";

/** Answers as they were seen, and what they mean at a refresh and at an exchange. */
const SEEN: readonly (readonly [
  string,
  number,
  { readonly error?: string; readonly description?: string } | AnswerContent,
  Verdict,
  Verdict,
])[] = [
  [
    "RFC 6749",
    400,
    { error: "invalid_grant" },
    "login_needed",
    "code_rejected",
  ],
  ["GitHub", 400, { error: "bad_refresh_token" }, "login_needed", "unexpected"],
  [
    "GitHub's code",
    400,
    { error: "bad_verification_code" },
    "login_needed",
    "code_rejected",
  ],
  ["glewlwyd", 400, "empty", "refused", "unexpected"],
  ["LemonLDAP::NG", 400, { error: "invalid_request" }, "refused", "unexpected"],
  [
    "Microsoft",
    400,
    { error: "interaction_required" },
    "login_needed",
    "unexpected",
  ],
  [
    "OpenID Connect",
    400,
    { error: "consent_required" },
    "login_needed",
    "unexpected",
  ],
  [
    "OpenID Connect",
    400,
    { error: "login_required" },
    "login_needed",
    "unexpected",
  ],
  [
    "a resource server's word",
    401,
    { error: "invalid_token" },
    "login_needed",
    "settings",
  ],
  [
    "words of its own",
    401,
    { error: "token_expired" },
    "login_needed",
    "settings",
  ],
  [
    "words of its own",
    403,
    { error: "access_denied" },
    "login_needed",
    "unexpected",
  ],
  [
    "words of its own",
    422,
    { error: "Invalid Refresh Token" },
    "login_needed",
    "unexpected",
  ],
  [
    "a framework",
    401,
    { description: "Unauthenticated." },
    "refused",
    "settings",
  ],
  [
    "a framework",
    404,
    { description: "Refresh token not found" },
    "login_needed",
    "unexpected",
  ],
  [
    "a framework",
    404,
    { description: "Not Found" },
    "unexpected",
    "unexpected",
  ],
  ["no reason", 400, "json", "refused", "unexpected"],
  ["a proxy", 401, "empty", "doubtful", "unexpected"],
  ["a proxy", 403, "empty", "doubtful", "unexpected"],
  ["a firewall", 403, "page", "doubtful", "unexpected"],
  ["a captive portal", 200, "page", "doubtful", "unexpected"],
  ["nginx", 400, "page", "doubtful", "unexpected"],
  ["Go's http.Error", 401, "text", "doubtful", "unexpected"],
  ["a wrong endpoint", 404, "text", "unexpected", "unexpected"],
  ["a wrong endpoint", 405, "empty", "unexpected", "unexpected"],
  ["a limit", 429, { error: "invalid_grant" }, "transient", "transient"],
  ["an outage", 503, { error: "invalid_grant" }, "transient", "transient"],
  [
    "an outage",
    400,
    { error: "temporarily_unavailable" },
    "transient",
    "transient",
  ],
  ["an outage", 400, { error: "server_error" }, "transient", "transient"],
  ["a limit", 400, { error: "slow_down" }, "transient", "transient"],
  ["AWS", 400, { error: "ThrottlingException" }, "transient", "transient"],
  [
    "a limit",
    403,
    { description: "Rate limit exceeded" },
    "transient",
    "transient",
  ],
  ["RFC 6749", 401, { error: "invalid_client" }, "settings", "settings"],
  ["RFC 6749", 400, { error: "unauthorized_client" }, "settings", "settings"],
  [
    "GitHub",
    400,
    { error: "incorrect_client_credentials" },
    "settings",
    "settings",
  ],
  [
    "Apigee",
    401,
    { error: "oauth.v2.InvalidClientIdentifier" },
    "settings",
    "settings",
  ],
  [
    "a message",
    400,
    { error: "invalid_request", description: "client_secret is missing" },
    "settings",
    "settings",
  ],
];

for (const [who, status, body, refresh, exchange] of SEEN) {
  const answer: TokenAnswer = typeof body === "string"
    ? { status, content: body }
    : { status, content: "reason", ...body };
  Deno.test(`tokenErrorVerdict() takes ${status} with ${JSON.stringify(body)} (${who}) for ${refresh}`, () => {
    assert.equal(tokenErrorVerdict("refresh", answer), refresh);
    assert.equal(tokenErrorVerdict("exchange", answer), exchange);
  });
}

Deno.test("tokenErrorVerdict() asks the provider's own rules first", () => {
  const answer: TokenAnswer = {
    status: 401,
    content: "reason",
    error: "invalid_client",
    description: "Refresh token invalid",
  };
  const rules = schwab().loginNeededErrors;
  assert.equal(tokenErrorVerdict("refresh", answer), "settings");
  assert.equal(tokenErrorVerdict("refresh", answer, rules), "login_needed");
  const wrongKey = { ...answer, description: "Unauthorized" };
  assert.equal(tokenErrorVerdict("refresh", wrongKey, rules), "settings");
});

const answers: fc.Arbitrary<TokenAnswer> = fc.record({
  status: fc.oneof(
    fc.constantFrom(200, 400, 401, 403, 404, 408, 410, 422, 429, 500, 503),
    fc.integer({ min: 200, max: 599 }),
  ),
  content: fc.constantFrom("json", "empty", "page", "text"),
  challenged: fc.boolean(),
}).chain(({ status, content, challenged }) =>
  fc.oneof(
    fc.constant({ status, content, challenged } as TokenAnswer),
    fc.record({
      error: fc.oneof(
        fc.constantFrom(
          "invalid_grant",
          "invalid_client",
          "invalid_request",
          "interaction_required",
          "slow_down",
        ),
        fc.string(),
      ),
      description: fc.oneof(
        fc.constantFrom(
          "refresh token expired",
          "client secret",
          "try again later",
        ),
        fc.string(),
      ),
    }).map((reason): TokenAnswer => ({
      status,
      content: "reason",
      challenged,
      ...reason,
    })),
  )
);

Deno.test("tokenErrorVerdict() holds its promises for any status and body", () => {
  fc.assert(
    fc.property(answers, (answer) => {
      const refresh = tokenErrorVerdict("refresh", answer);
      const exchange = tokenErrorVerdict("exchange", answer);
      const { status, content, error } = answer;
      // A moment's trouble never asks for a login, and a login's end is never a moment's trouble.
      if (isTransientStatus(status)) {
        return refresh === "transient" && exchange === "transient";
      }
      if (error === "invalid_grant") {
        return refresh === "login_needed" && exchange === "code_rejected";
      }
      if (error === "invalid_client") {
        return refresh === "settings" ||
          answer.description === "try again later";
      }
      // A job hears of every refusal: none of these statuses ends in "check the endpoints".
      if ([400, 401, 403].includes(status)) {
        if (refresh === "unexpected") return false;
      }
      if (content === "reason") return refresh !== "doubtful";
      // Only JSON says that the client is wrong or that the broker is busy.
      return ["refused", "doubtful", "unexpected"].includes(refresh) &&
        exchange === "unexpected" &&
        (content !== "page" || refresh === "doubtful");
    }),
    { numRuns: 5000 },
  );
});

Deno.test("TOKEN_ERRORS has no row that can never decide", () => {
  const used = new Set(
    fc.sample(answers, 20_000).map((answer) =>
      TOKEN_ERRORS.findIndex((row) => row.matches(answer, []))
    ),
  );
  // Row 1 is the provider's own.
  const idle = TOKEN_ERRORS.map((_, index) => index).filter((index) =>
    index !== 1 && !used.has(index)
  );
  assert.deepEqual(idle, []);
});
