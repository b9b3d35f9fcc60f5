/** What the value of a flag or an argument can be: files, directories, the profiles that there are, or words with their descriptions. */
export type Offers =
  | "files"
  | "directories"
  | "profiles"
  | Readonly<Record<string, string>>;

/** A flag, for completions. */
export interface CompletedFlag {
  /** `--output` */
  readonly long: string;
  /** `-o` */
  readonly short?: string;
  /** Whether it has a value. @default {false} */
  readonly value?: true;
  /** What it does. */
  readonly help: string;
  /** Whether it can be repeated. @default {false} */
  readonly repeated?: true;
  /** What its value can be. @default {nothing that is known} */
  readonly offers?: Offers;
}

/** An argument, for completions. */
export interface CompletedArgument {
  /** Whether it begins another program's command line, to which all words from there on belong. @default {false} */
  readonly command?: true;
  /** Whether it is all that follows. @default {false} */
  readonly rest?: true;
  /** What it can be. @default {nothing that is known} */
  readonly offers?: Offers;
}

/** A command, for completions. */
export interface CompletedCommand {
  /** Its own word: `show` of `tdauth cert show`. */
  readonly name: string;
  /** What it does, without a period. */
  readonly line: string;
  /** Its own flags. */
  readonly flags: readonly CompletedFlag[];
  /** Its arguments, in order. @default {none} */
  readonly args?: readonly CompletedArgument[];
  /** The commands that belong to it. @default {none} */
  readonly commands?: readonly CompletedCommand[];
}

/** All that completions need of the table of commands. */
export interface CompletionData {
  /** The flag that sets the configuration directory, in which the profiles are. */
  readonly configDir: string;
  /** The flag that every command answers with its help. */
  readonly help: CompletedFlag;
  /** The flags of the program and of every command. */
  readonly flags: readonly CompletedFlag[];
  /** The commands, without hidden ones. */
  readonly commands: readonly CompletedCommand[];
}

/**
 * The table of commands as completions need it. It is written out because a shell
 * waits for it at every Tab, and loading the definitions takes longer than the
 * program's start.
 */
// deno-fmt-ignore -- a line for each flag and argument
export const COMPLETION_DATA: CompletionData = {
  // begin commands: `tools/check_tables.ts --write` makes these of their table
  configDir: "--config-dir",
  help: { long: "--help", short: "-h", help: "show help for a command" },
  flags: [
    { long: "--version", help: "print the version" },
    { long: "--provider", value: true, help: "the broker: questrade, schwab, tastytrade, tdameritrade, tradestation or an issuer's URL. With endpoints of its own any other word (TD_PROVIDER)", offers: { questrade: "Questrade", schwab: "Charles Schwab", tastytrade: "Tastytrade", tdameritrade: "TD Ameritrade", tradestation: "TradeStation" } },
    { long: "--profile", value: true, help: "which of several sets of settings and tokens to use (TD_PROFILE)", offers: "profiles" },
    { long: "--config-dir", value: true, help: "the configuration directory (TD_CONFIG_DIR)", offers: "directories" },
    { long: "--json", help: "print one JSON value on stdout (TD_JSON)" },
    { long: "--verbose", help: "show the causes of errors (TD_VERBOSE)" },
  ],
  commands: [
    {
      name: "configure", line: "Set up your broker app",
      flags: [
        { long: "--consumer-key", value: true, help: "the app's key, its OAuth client ID (TD_CONSUMER_KEY)" },
        { long: "--callback-url", value: true, help: "the callback URL, exactly as registered (TD_CALLBACK_URL)" },
        { long: "--scope", value: true, help: "the scope to ask for, values separated by spaces (TD_SCOPE)" },
        { long: "--sandbox", value: true, help: "the URL of a practice broker to use in place of the broker (TD_SANDBOX)" },
        { long: "--authorization-endpoint", value: true, help: "the provider's login page, where it has no metadata (TD_AUTHORIZATION_ENDPOINT)" },
        { long: "--token-endpoint", value: true, help: "the provider's token endpoint, where it has no metadata (TD_TOKEN_ENDPOINT)" },
        { long: "--revocation-endpoint", value: true, help: "where the provider revokes tokens (TD_REVOCATION_ENDPOINT)" },
        { long: "--device-authorization-endpoint", value: true, help: "where the provider starts a login with a code on another device (TD_DEVICE_AUTHORIZATION_ENDPOINT)" },
        { long: "--api-origin", value: true, help: "the origin of the API, the only one that tokens are sent to (TD_API_ORIGIN)" },
        { long: "--client-auth", value: true, help: "how the app authenticates at the token endpoint (TD_CLIENT_AUTHENTICATION)", offers: { none: "", client_secret_basic: "", client_secret_raw_basic: "", client_secret_post: "" } },
        { long: "--pkce", value: true, help: "whether logins use PKCE (S256) (TD_PKCE)" },
        { long: "--response-mode", value: true, help: "how the provider returns the code (TD_RESPONSE_MODE)", offers: { query: "", form_post: "" } },
        { long: "--auth-param", value: true, help: "a parameter to add to the login page's URL; without a value it removes one of the provider's (TD_AUTHORIZATION_PARAMETERS)", repeated: true },
        { long: "--exchange-param", value: true, help: "a parameter to add when the code is exchanged for tokens (TD_EXCHANGE_PARAMETERS)", repeated: true },
        { long: "--refresh-param", value: true, help: "a parameter to add to every refresh (TD_REFRESH_PARAMETERS)", repeated: true },
        { long: "--scope-at-refresh", value: true, help: "whether a refresh repeats the scope (TD_SCOPE_AT_REFRESH)" },
        { long: "--cert-file", value: true, help: "a TLS certificate of your own for an https callback, a PEM file (TD_CERT_FILE)", offers: "files" },
        { long: "--key-file", value: true, help: "the private key of that certificate, a PEM file (TD_KEY_FILE)", offers: "files" },
        { long: "--keeper", value: true, help: "where this profile's access tokens come from, so that no refresh token is here: ssh://user@host, or the path of a Unix socket of tdauth serve (TD_KEEPER)" },
        { long: "--seal", value: true, help: "encrypt the tokens with the keychain, a passphrase, or the key in TD_CACHE_KEY (keychain, passphrase or key)", offers: { keychain: "the keychain", passphrase: "a passphrase", key: "the key in TD_CACHE_KEY" } },
      ],
    },
    {
      name: "login", line: "Log in with your browser and store the tokens",
      flags: [
        { long: "--consumer-key", value: true, help: "the app's key, its OAuth client ID (TD_CONSUMER_KEY)" },
        { long: "--callback-url", value: true, help: "the callback URL, exactly as registered (TD_CALLBACK_URL)" },
        { long: "--scope", value: true, help: "the scope to ask for, values separated by spaces (TD_SCOPE)" },
        { long: "--sandbox", value: true, help: "the URL of a practice broker to use in place of the broker (TD_SANDBOX)" },
        { long: "--authorization-endpoint", value: true, help: "the provider's login page, where it has no metadata (TD_AUTHORIZATION_ENDPOINT)" },
        { long: "--token-endpoint", value: true, help: "the provider's token endpoint, where it has no metadata (TD_TOKEN_ENDPOINT)" },
        { long: "--revocation-endpoint", value: true, help: "where the provider revokes tokens (TD_REVOCATION_ENDPOINT)" },
        { long: "--device-authorization-endpoint", value: true, help: "where the provider starts a login with a code on another device (TD_DEVICE_AUTHORIZATION_ENDPOINT)" },
        { long: "--api-origin", value: true, help: "the origin of the API, the only one that tokens are sent to (TD_API_ORIGIN)" },
        { long: "--client-auth", value: true, help: "how the app authenticates at the token endpoint (TD_CLIENT_AUTHENTICATION)", offers: { none: "", client_secret_basic: "", client_secret_raw_basic: "", client_secret_post: "" } },
        { long: "--pkce", value: true, help: "whether logins use PKCE (S256) (TD_PKCE)" },
        { long: "--response-mode", value: true, help: "how the provider returns the code (TD_RESPONSE_MODE)", offers: { query: "", form_post: "" } },
        { long: "--auth-param", value: true, help: "a parameter to add to the login page's URL; without a value it removes one of the provider's (TD_AUTHORIZATION_PARAMETERS)", repeated: true },
        { long: "--exchange-param", value: true, help: "a parameter to add when the code is exchanged for tokens (TD_EXCHANGE_PARAMETERS)", repeated: true },
        { long: "--refresh-param", value: true, help: "a parameter to add to every refresh (TD_REFRESH_PARAMETERS)", repeated: true },
        { long: "--scope-at-refresh", value: true, help: "whether a refresh repeats the scope (TD_SCOPE_AT_REFRESH)" },
        { long: "--cert-file", value: true, help: "a TLS certificate of your own for an https callback, a PEM file (TD_CERT_FILE)", offers: "files" },
        { long: "--key-file", value: true, help: "the private key of that certificate, a PEM file (TD_KEY_FILE)", offers: "files" },
        { long: "--keeper", value: true, help: "where this profile's access tokens come from, so that no refresh token is here: ssh://user@host, or the path of a Unix socket of tdauth serve (TD_KEEPER)" },
        { long: "--no-browser", help: "print the URL instead of opening a browser" },
        { long: "--browser", value: true, help: "open the URL with this command (BROWSER)" },
        { long: "--device", help: "log in with a code on another device, as happens by itself where no browser can be opened" },
        { long: "--no-device", help: "wait for the redirect of a browser, also where none can be opened" },
        { long: "--begin", help: "print the URL of a login that --finish ends, within 10 minutes" },
        { long: "--finish", help: "end the login that --begin began, with the address at which the browser ended on stdin" },
        { long: "--on", value: true, help: "log in for the tokens of another machine, over ssh; browser and redirect are here" },
        { long: "--redirect-url", value: true, help: "read that address from stdin as well, also where it is no terminal" },
        { long: "--timeout", value: true, help: "how long to wait for the login, like 90s or 10m (default: 5m)" },
        { long: "--force", help: "log in even if another login just completed, and invalidate its tokens" },
        { long: "--if-older", value: true, help: "do nothing if the last login is more recent, like 5d" },
      ],
    },
    {
      name: "status", line: "Show the tokens and when the next login is due",
      flags: [
        { long: "--fail-within", value: true, help: "exit with 3 when a login is needed within this time, like 24h" },
        { long: "--notify", help: "tell the hooks in config.json what is new, and show nothing else" },
      ],
    },
    {
      name: "refresh", line: "Get a new access token now",
      flags: [],
    },
    {
      name: "logout", line: "Delete the tokens, and revoke them if possible",
      flags: [{ long: "--all", help: "log out of every profile" }],
    },
    {
      name: "sandbox", line: "Run a practice broker on this machine until Ctrl-C",
      flags: [
        { long: "--consumer-key", value: true, help: "the app's key, its OAuth client ID (TD_CONSUMER_KEY)" },
        { long: "--callback-url", value: true, help: "the callback URL, exactly as registered (TD_CALLBACK_URL)" },
        { long: "--port", value: true, help: "port to listen on; 0 picks a free one (default: 4280)" },
        { long: "--approve", value: true, help: "log in to a running practice broker as its test user" },
      ],
    },
    {
      name: "token", line: "Print a valid access token and nothing else",
      flags: [
        { long: "--min-valid", value: true, help: "refresh when less than this is left, like 5m (default: 60s, or a tenth of the life of a token below 10m)" },
        { long: "--refused", help: "print another token than the one on stdin, which the API rejected; refresh only if that one is still stored" },
      ],
    },
    {
      name: "header", line: "Print the Authorization header, as for curl -H @-",
      flags: [{ long: "--min-valid", value: true, help: "refresh when less than this is left, like 5m (default: 60s, or a tenth of the life of a token below 10m)" }],
    },
    {
      name: "exec", line: "Run a command with the token in TD_ACCESS_TOKEN",
      flags: [{ long: "--min-valid", value: true, help: "refresh when less than this is left, like 5m (default: 60s, or a tenth of the life of a token below 10m)" }],
      args: [
        { command: true },
        { rest: true },
      ],
    },
    {
      name: "fetch", line: "Send a request to the broker's API",
      flags: [
        { long: "--method", short: "-X", value: true, help: "the method (default: GET; POST with -d)" },
        { long: "--header", short: "-H", value: true, help: "a header, like 'Accept: application/json'; repeatable", repeated: true },
        { long: "--data", short: "-d", value: true, help: "a body: text, @FILE or @- for stdin; JSON if it is JSON, else a form" },
        { long: "--include", short: "-i", help: "print the response status and headers first" },
        { long: "--output", short: "-o", value: true, help: "write a successful response's body to this file", offers: "files" },
        { long: "--timeout", value: true, help: "how long to wait for more of the response (default: 60s)" },
        { long: "--min-valid", value: true, help: "refresh when less than this is left, like 5m (default: 60s, or a tenth of the life of a token below 10m)" },
      ],
      args: [{}],
    },
    {
      name: "serve", line: "Keep all access tokens fresh, and run the hooks",
      flags: [
        { long: "--install", help: "start it at every login to this machine, and now" },
        { long: "--uninstall", help: "stop it, and start it no more" },
      ],
    },
    {
      name: "import", line: "Import tokens from another program",
      flags: [
        { long: "--consumer-key", value: true, help: "the app's key, its OAuth client ID (TD_CONSUMER_KEY)" },
        { long: "--callback-url", value: true, help: "the callback URL, exactly as registered (TD_CALLBACK_URL)" },
        { long: "--format", value: true, help: "schwab-py, schwabdev-3, schwabdev-2, tda-api, pytd, tdauth, token-answer, dotenv or refresh-token; schwabdev is 2 or 3, as the file says (default: detected from the file's content)", offers: { "schwab-py": "schwab-py", "schwabdev-3": "Schwabdev 3", "schwabdev-2": "Schwabdev 2", "tda-api": "tda-api", pytd: "pyTD", tdauth: "tdauth", "token-answer": "a token answer", dotenv: "a .env file", "refresh-token": "a bare refresh token" } },
        { long: "--login-time", value: true, help: "when you logged in, if the file does not say so: now, 2026-11-30T14:05 (in this machine's time zone) or seconds since the epoch" },
        { long: "--force", help: "replace stored tokens even if they expire later, or the file does not say when its own do" },
      ],
      args: [{ offers: "files" }],
    },
    {
      name: "export", line: "Print the tokens as another program's token file",
      flags: [
        { long: "--format", value: true, help: "schwab-py, schwabdev-3, schwabdev-2, tda-api, pytd, tdauth, token-answer, dotenv or refresh-token; schwabdev is 3", offers: { "schwab-py": "schwab-py", "schwabdev-3": "Schwabdev 3", "schwabdev-2": "Schwabdev 2", "tda-api": "tda-api", pytd: "pyTD", tdauth: "tdauth", "token-answer": "a token answer", dotenv: "a .env file", "refresh-token": "a bare refresh token" } },
        { long: "--output", short: "-o", value: true, help: "write this file, readable only by its owner (default, and -: stdout)", offers: "files" },
        { long: "--min-valid", value: true, help: "refresh first when less than this is left, like 5m (default: as they are stored)" },
        { long: "--force", help: "overwrite an existing file" },
      ],
    },
    {
      name: "doctor", line: "Diagnose problems with logins and refreshes",
      flags: [{ long: "--offline", help: "skip the checks that need a network" }],
    },
    {
      name: "hook", line: "Work with the hooks in config.json",
      flags: [],
      commands: [
        {
          name: "test", line: "Run the hooks for an event now, with example data",
          flags: [],
          args: [{ offers: { login_due: "the next login is due in 48 hours, 24 hours or 2 hours", login_needed: "nothing works without a login", logged_in: "a login has taken place", refreshed: "there is a new access token, from the same login", refresh_failed: "three refreshes in a row have failed" } }],
        },
      ],
    },
    {
      name: "unseal", line: "Store the tokens unencrypted again",
      flags: [],
    },
    {
      name: "cert", line: "Manage the certificate for https callbacks",
      flags: [],
      commands: [
        {
          name: "show", line: "Show the certificate and which browsers trust it",
          flags: [],
        },
        {
          name: "renew", line: "Generate a new certificate now",
          flags: [{ long: "--yes", help: "also trust the new one wherever the old one was trusted" }],
        },
        {
          name: "trust", line: "Make your browsers trust it, which stops their warnings",
          flags: [
            { long: "--yes", help: "do not ask for confirmation" },
            { long: "--system", help: "also add it to the system's trust anchors (Linux)" },
          ],
        },
        {
          name: "untrust", line: "Remove it from the trust stores again",
          flags: [],
        },
      ],
    },
    {
      name: "completions", line: "Print or install your shell's completions",
      flags: [
        { long: "--install", help: "install them where your shell loads them" },
        { long: "--uninstall", help: "uninstall them" },
      ],
      args: [{ offers: { bash: "", zsh: "", fish: "" } }],
    },
    {
      name: "man", line: "Show the manual",
      flags: [],
    },
  ],
  // end commands
};
