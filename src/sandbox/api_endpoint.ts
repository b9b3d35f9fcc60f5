import { accounts } from "./accounts.ts";
import { type Answer, type Context, json } from "./context.ts";
import type { HttpRequest } from "./http_server.ts";
import type { Grant } from "./ledger.ts";
import { quote } from "./quote.ts";

/** Whether a path belongs to the API, found or not. */
export function isApiPath(path: string): boolean {
  return /^\/(v1\/marketdata|v1\/accounts|marketdata|trader)(\/|$)/.test(path);
}

/** Serves quotes and the accounts to a client with an access token. */
export function apiEndpoint(context: Context, request: HttpRequest): Answer {
  const [, token] =
    /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  const grant = token === undefined
    ? undefined
    : context.ledger.accessToken(token);
  const dead = token === undefined
    ? "the Authorization header is missing or not Bearer"
    : context.ledger.whyDead(grant, "access token");
  if (grant === undefined || dead !== undefined) {
    return refused(context, 401, "Unauthorized", dead ?? "");
  }
  if (request.method !== "GET") {
    return refused(context, 405, "Method Not Allowed", "the method is not GET");
  }
  return context.rules.broker === "schwab"
    ? schwab(context, request, grant)
    : tdAmeritrade(context, request, grant);
}

/** The shape of the brokers' errors, as their clients' users quote them. */
function refused(
  { rules }: Context,
  status: number,
  title: string,
  reason: string,
): Answer {
  if (rules.broker === "tdameritrade") {
    const error = status === 401
      ? "The access token being passed has expired or is invalid."
      : title;
    return json(status, { error }, reason);
  }
  const detail = status === 401 ? "Client not authorized" : title;
  return json(status, {
    errors: [{ id: crypto.randomUUID(), status, title, detail }],
  }, reason);
}

function schwab(
  context: Context,
  { path, query }: HttpRequest,
  { login }: Grant,
): Answer {
  const single = /^\/marketdata\/v1\/([^/]+)\/quotes$/.exec(path)?.[1];
  if (single !== undefined || path === "/marketdata/v1/quotes") {
    return quotes(context, decoded(single) ?? query.get("symbols"));
  }
  const mine = accounts.filter(({ number }) =>
    login?.accounts.includes(number) === true
  );
  switch (path) {
    case "/trader/v1/accounts/accountNumbers":
      return json(
        200,
        mine.map(({ number }) => ({
          accountNumber: number,
          hashValue: accountHash(number),
        })),
      );
    case "/trader/v1/accounts":
      return json(
        200,
        mine.map(({ number, type, balance }) => ({
          securitiesAccount: {
            type,
            accountNumber: number,
            roundTrips: 0,
            isDayTrader: false,
            currentBalances: { cashBalance: balance, equity: balance },
          },
        })),
      );
  }
  return notFound(context);
}

/** 64 hexadecimal digits like the real ones; here they only look like a hash. */
function accountHash(number: string): string {
  return [...`practice broker account ${number}`].map((character) =>
    character.charCodeAt(0).toString(16)
  ).join("").toUpperCase().padStart(64, "0").slice(-64);
}

function tdAmeritrade(
  context: Context,
  { path, query }: HttpRequest,
  { login }: Grant,
): Answer {
  const single = /^\/v1\/marketdata\/([^/]+)\/quotes$/.exec(path)?.[1];
  if (single !== undefined || path === "/v1/marketdata/quotes") {
    return quotes(context, decoded(single) ?? query.get("symbol"));
  }
  if (path === "/v1/accounts") {
    return json(
      200,
      accounts.filter(({ number }) => login?.accounts.includes(number) === true)
        .map(({ number, type, balance }) => ({
          securitiesAccount: {
            type,
            accountId: number,
            roundTrips: 0,
            isDayTrader: false,
            isClosingOnlyRestricted: false,
            currentBalances: { cashBalance: balance, equity: balance },
          },
        })),
    );
  }
  return notFound(context);
}

function notFound(context: Context): Answer {
  return refused(
    context,
    404,
    "Not Found",
    "the practice broker supports only quotes and accounts",
  );
}

function decoded(segment: string | undefined): string | undefined {
  try {
    return segment === undefined ? undefined : decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function quotes(context: Context, list: string | null): Answer {
  const symbols = (list ?? "").toUpperCase().split(",")
    .filter((symbol) => symbol !== "").slice(0, 500);
  if (symbols.length === 0) {
    return refused(context, 400, "Bad Request", "symbol is missing");
  }
  const valid = symbols.filter((symbol) => /^[A-Z$][A-Z0-9./]*$/.test(symbol));
  const invalid = symbols.filter((symbol) => !valid.includes(symbol));
  return json(
    200,
    Object.fromEntries<unknown>([
      ...valid.map((symbol) =>
        [symbol, quote(context.rules.broker, symbol, context.now())] as const
      ),
      ...(invalid.length > 0 && context.rules.broker === "schwab"
        ? [["errors", { invalidSymbols: invalid }] as const]
        : []),
    ]),
  );
}
