// tdauth as it was at commit c2180da45cf0732de4905a801af09fb0e955c4da: made by tests/golden/write.ts with "deno bundle" (Deno 2.9.6). Not to be changed.
var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res) => function __init() {
  return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// ../wt-golden-old/src/config_dir.ts
function realEnv(name) {
  try {
    return Deno.env.get(name) || void 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return void 0;
    throw error;
  }
}
function realEnvironment() {
  try {
    return Deno.env.toObject();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return void 0;
    throw error;
  }
}
function childEnvironment(child, options = {}) {
  const { env = realEnv, all = realEnvironment(), set } = options;
  if (child === "tool") {
    const needed = FOR_TOOLS.flatMap((name) => {
      const value = env(name);
      return value === void 0 ? [] : [
        [
          name,
          value
        ]
      ];
    });
    return {
      env: {
        ...Object.fromEntries(needed),
        LC_ALL: "C",
        ...set
      },
      clearEnv: true
    };
  }
  if (all === void 0) {
    const blanks = Object.fromEntries(SECRETS.map((name) => [
      name,
      ""
    ]));
    return {
      env: {
        ...blanks,
        ...set
      },
      clearEnv: false
    };
  }
  const kept = Object.entries(all).filter(([name]) => child === "viewer" ? !/^TD_/i.test(name) : !SECRETS.includes(name.toUpperCase()));
  return {
    env: {
      ...Object.fromEntries(kept),
      ...set
    },
    clearEnv: true
  };
}
function platformConfigDir(env = realEnv, os = Deno.build.os) {
  if (os === "windows") {
    const appData = env("APPDATA");
    if (appData !== void 0) return `${appData}\\tdauth`;
    return void 0;
  }
  const xdg = env("XDG_CONFIG_HOME");
  if (xdg?.startsWith("/")) return `${xdg}/tdauth`;
  const home = env("HOME");
  if (!home?.startsWith("/")) return void 0;
  return os === "darwin" ? `${home}/Library/Application Support/tdauth` : `${home}/.config/tdauth`;
}
function isAbsolute(path) {
  return path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path) || path.startsWith("\\\\");
}
function tokenFileName(consumerKey, profile = "default") {
  const name = profile === "default" ? consumerKey : `${profile}.${consumerKey}`;
  if (isPlain(name)) return name;
  const safe = name.replace(/[\x00-\x1f\x7f%/\\:*?"<>|]|[ .]$/g, percent);
  return /^(\.|config\.json$|certificate\.json$|trust\.json$|ca\.pem$|(con|prn|aux|nul|com\d|lpt\d)(\.|$))/i.test(safe) ? percent(safe.slice(0, 1)) + safe.slice(1) : safe;
}
function isPlain(name) {
  const end = name.endsWith("@AMER.OAUTHAP") ? name.length - 13 : name.length;
  for (let at = 0; at < end; at++) {
    const c = name.charCodeAt(at);
    const plain = c > 47 && c < 58 || c > 64 && c < 91 || c > 96 && c < 123;
    if (!plain) return false;
  }
  return end > 4;
}
function percent(character) {
  return `%${character.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`;
}
var SECRETS, FOR_TOOLS;
var init_config_dir = __esm({
  "../wt-golden-old/src/config_dir.ts"() {
    SECRETS = [
      "TD_CONSUMER_SECRET",
      "TD_CACHE_KEY",
      "TD_CACHE_PASSPHRASE",
      "TD_ACCESS_TOKEN"
    ];
    FOR_TOOLS = [
      ...[
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "LANG"
      ],
      ...[
        "DBUS_SESSION_BUS_ADDRESS",
        "XDG_RUNTIME_DIR",
        "XDG_DATA_HOME"
      ],
      ...[
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "XAUTHORITY"
      ],
      ...[
        "SystemRoot",
        "USERPROFILE",
        "APPDATA",
        "LOCALAPPDATA",
        "TEMP"
      ]
    ];
  }
});

// ../wt-golden-old/src/errors.ts
function isPassing(error) {
  return error instanceof TdauthError && (error.code === "broker_unavailable" || error.code === "busy");
}
var TdauthError;
var init_errors = __esm({
  "../wt-golden-old/src/errors.ts"() {
    TdauthError = class extends Error {
      /** The class's name, as for every built-in error. */
      name = "TdauthError";
      /** What went wrong, for programs. */
      code;
      /** What to do next, for people. */
      hint;
      /**
       * Makes an error.
       *
       * @param code What went wrong, for programs.
       * @param message What could not be done and why, for people, without a final full stop.
       * @param options The hint and the cause.
       */
      constructor(code, message, options = {}) {
        super(message, "cause" in options ? {
          cause: options.cause
        } : void 0);
        this.code = code;
        this.hint = options.hint;
      }
    };
  }
});

// ../wt-golden-old/src/token.ts
function withoutMarks(tokens) {
  const { refreshPending: _, refreshRefused: __, journalOnly: ___, ...rest } = tokens;
  return rest;
}
function noTokens() {
  return {
    accessToken: new AccessToken(),
    refreshToken: new RefreshToken()
  };
}
function hasTokens({ accessToken, refreshToken: refreshToken2 }) {
  return accessToken.token !== void 0 || refreshToken2.token !== void 0;
}
function issuedBy(tokens, provider) {
  return tokens.provider === void 0 || tokens.provider === provider;
}
var CLOCK_TOLERANCE, Token, AccessToken, RefreshToken, SealedToken;
var init_token = __esm({
  "../wt-golden-old/src/token.ts"() {
    CLOCK_TOLERANCE = 300;
    Token = class {
      #token;
      #now;
      /** When it was issued, in seconds since the epoch; 0 for an absent token. */
      accessTime;
      /** How long it lives from `accessTime`, in seconds; 0 for an absent token. */
      expiresIn;
      /**
       * Makes a token; an absent one without arguments.
       *
       * @param data The token; absent when not given.
       * @param now The clock, in milliseconds since the epoch.
       */
      constructor(data, now = Date.now) {
        this.#now = now;
        this.#token = data === void 0 || data.token === "" ? void 0 : data.token;
        this.accessTime = data === void 0 ? 0 : data.accessTime ?? Math.floor(now() / 1e3);
        this.expiresIn = data === void 0 ? 0 : data.expiresIn;
      }
      /** How far in the future, in seconds, its time of issue may lie. */
      get clockTolerance() {
        return CLOCK_TOLERANCE;
      }
      /** The token itself, or `undefined` when there is none. */
      get token() {
        return this.#token;
      }
      /** When it expires, in seconds since the epoch. */
      get expiry() {
        return this.accessTime + this.expiresIn;
      }
      /** Whether there is a token and it has not expired. */
      get valid() {
        return this.remaining > 0;
      }
      /**
       * How many seconds it is still valid; 0 when it is absent or expired, or when
       * an access token was issued more than five minutes in the future: then the
       * clock was turned back and nobody can tell.
       */
      get remaining() {
        if (this.#token === void 0) return 0;
        const now = this.#now() / 1e3;
        const left = this.expiry - now;
        if (!(left > 0) || this.accessTime - now > this.clockTolerance) return 0;
        return Math.min(left, this.expiresIn);
      }
      /** The token itself, so that `Bearer ${token}` works; empty when there is none. */
      toString() {
        return this.#token ?? "";
      }
      /** What `JSON.stringify` shows: everything but the token. */
      toJSON() {
        return {
          token: this.#token === void 0 ? null : "[redacted]",
          accessTime: this.accessTime,
          expiresIn: this.expiresIn,
          expiry: this.expiry,
          valid: this.valid
        };
      }
      /** What `console.log` and `Deno.inspect` show: everything but the token. */
      [Symbol.for("Deno.customInspect")]() {
        return this.#summary();
      }
      /** What Node's `util.inspect` shows: everything but the token. */
      [Symbol.for("nodejs.util.inspect.custom")]() {
        return this.#summary();
      }
      #summary() {
        if (this.#token === void 0) {
          const what = this instanceof SealedToken ? "sealed" : "absent";
          return `${this.constructor.name} { ${what} }`;
        }
        const date = new Date(this.expiry * 1e3);
        const expiry = Number.isNaN(date.getTime()) ? "unknown" : date.toISOString();
        return `${this.constructor.name} { [redacted], valid: ${this.valid}, expiry: ${expiry} }`;
      }
    };
    AccessToken = class extends Token {
    };
    RefreshToken = class extends Token {
      /** Any time: trying a refresh token that is dead costs one request, not trying a live one costs a login. */
      get clockTolerance() {
        return Infinity;
      }
    };
    SealedToken = class extends RefreshToken {
      #refuse;
      /**
       * Makes a token that cannot be read.
       *
       * @param times The times of the token that is sealed; not known when absent.
       * @param refuse Throws the reason.
       */
      constructor(times, refuse) {
        const { accessTime = 0, expiresIn = 0 } = times ?? {};
        super({
          token: "",
          accessTime,
          expiresIn
        });
        this.#refuse = refuse;
      }
      get token() {
        return this.#refuse();
      }
      get remaining() {
        return this.#refuse();
      }
      toString() {
        return this.#refuse();
      }
      toJSON() {
        return {
          token: "[sealed]"
        };
      }
    };
  }
});

// ../wt-golden-old/src/shell_word.ts
function shellWord(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
var init_shell_word = __esm({
  "../wt-golden-old/src/shell_word.ts"() {
  }
});

// ../wt-golden-old/src/token/sealed_text.ts
function formatSealed({ from, parameters, box }) {
  return `${SEALED_PREFIX}1:${from}:${parameters}:${box}`;
}
function parseSealed(text) {
  const [, from, parameters, box] = FORM.exec(text) ?? [];
  if (from === void 0 || parameters === void 0 || box === void 0) {
    throw sealDamaged();
  }
  return {
    from,
    parameters,
    box
  };
}
function sealDamaged() {
  return new TdauthError("cache_sealed", "Cannot open the sealed tokens: the key does not fit, or the file was changed", {
    hint: "give the right key, or restore the file from a backup; to start anew: tdauth logout, then tdauth login"
  });
}
function sealNotExpected(text) {
  const { from } = parseSealed(text);
  const source = {
    keychain: "a key in the keychain",
    passphrase: "a passphrase",
    key: "the key in TD_CACHE_KEY"
  }[from];
  return new TdauthError("cache_sealed", `Cannot read the stored tokens: they are sealed with ${source}, and this profile is not set to`, {
    hint: `set it: tdauth configure --seal ${from}`
  });
}
var SEALED_PREFIX, FORM;
var init_sealed_text = __esm({
  "../wt-golden-old/src/token/sealed_text.ts"() {
    init_errors();
    SEALED_PREFIX = "tdauth-sealed:";
    FORM = /^tdauth-sealed:1:(keychain|passphrase|key):([\w.=-]*):([\w-]+)$/;
  }
});

// ../wt-golden-old/src/cache/looks_like_tokens.ts
function looksLikeTokens(text) {
  const json = text.replace(/^\uFEFF|\x00+$/g, "").trim();
  if (json === "") return true;
  const file = parse(json);
  if (file === void 0) {
    return BEGINNING.test(json) || beginsAnEntry(json) || isSeal(SEALED.exec(json)?.[1] ?? "");
  }
  return isObject(file) && (Object.keys(file).length === 0 || holdsTokens(file));
}
function holdsTokens(file) {
  if (!isObject(file)) return false;
  const { access_token: access, refresh_token: refresh2 } = file;
  const both = access === null && refresh2 === null;
  const others = [
    access,
    refresh2
  ].every((entry2) => entry2 === void 0 || entry2 === null || isEntry(entry2));
  return holdsSeal(file) || both || others && (isEntry(access) || isEntry(refresh2));
}
function holdsSeal(file) {
  return Object.entries(file).some(([key, value]) => typeof value === "string" && isSeal(value) && (value.startsWith(SEALED_PREFIX) || key === "sealed" && file["version"] === 1));
}
function isSeal(text) {
  return text.length >= 40 && text.replace(/[\x21-\x7e]/g, "").length <= 1;
}
function isEntry(entry2) {
  return isObject(entry2) && "token" in entry2 && "access_time" in entry2 && "expires_in" in entry2;
}
function beginsAnEntry(json) {
  const [whole, name = ""] = NAME.exec(json) ?? [];
  return whole !== void 0 && [
    "access_token",
    "refresh_token"
  ].some((key) => key.startsWith(name));
}
function parse(json) {
  try {
    return JSON.parse(json);
  } catch {
    return void 0;
  }
}
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
var BEGINNING, NAME, SEALED;
var init_looks_like_tokens = __esm({
  "../wt-golden-old/src/cache/looks_like_tokens.ts"() {
    init_sealed_text();
    BEGINNING = /^\{\s*"(?:access|refresh)_token"\s*:\s*(?:null\b|\{\s*(?:"(?:token|access_time|expires_in)"|"?\w*$)|\w*$)/;
    NAME = /^\{\s*(?:"(\w*)"?\s*:?\s*)?$/;
    SEALED = new RegExp(`(?:"sealed"\\s*:\\s*"|${SEALED_PREFIX})([^]{40})`);
  }
});

// ../wt-golden-old/src/cache/directory_content.ts
function directoryContent(path) {
  let content = "empty";
  let looked = 0;
  for (const { name, isFile } of Deno.readDirSync(path)) {
    if (++looked > MOST) return "other";
    const is = isFile ? contentOf(`${path}/${name}`, name) : "other";
    if (is === "own") return "own";
    if (is === "other") content = "other";
  }
  return content;
}
function isCertificate(file) {
  return isObject2(file) && "not_after" in file && [
    file["cert"],
    file["ca"],
    file["key"]
  ].every((pem) => typeof pem === "string" && pem.startsWith("-----BEGIN "));
}
function contentOf(path, name) {
  try {
    if (Deno.lstatSync(path).size > LONGEST) return "other";
    const text = Deno.readTextFileSync(path);
    const file = parse2(text);
    const is = Object.hasOwn(FILES, name) ? FILES[name] : void 0;
    if (isObject2(file) && (is ?? holdsTokens)(file)) return "own";
    const nothing = text.trim() === "" ? LOCK.test(name) : file === void 0 ? looksLikeTokens(text) : isNoProfile(file);
    return nothing ? "empty" : "other";
  } catch {
    return "other";
  }
}
function isNoProfile(file) {
  return isObject2(file) && JSON.stringify(file) === '{"profiles":{}}';
}
function parse2(text) {
  try {
    return JSON.parse(text);
  } catch {
    return void 0;
  }
}
function isProfile(profile) {
  return isObject2(profile) && Object.values(profile).every((value) => typeof value === "string") && [
    "consumerKey",
    "provider",
    "seal"
  ].some((key) => key in profile);
}
function isObject2(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
var FILES, LOCK, LONGEST, MOST;
var init_directory_content = __esm({
  "../wt-golden-old/src/cache/directory_content.ts"() {
    init_looks_like_tokens();
    FILES = {
      "config.json": ({ profiles }) => isObject2(profiles) && Object.values(profiles).some(isProfile),
      "certificate.json": isCertificate,
      "trust.json": ({ version, trusted }) => version === 1 && Array.isArray(trusted)
    };
    LOCK = /^\.(?:write|.+\.(?:login|refresh))\.lock$/;
    LONGEST = 262144;
    MOST = 1e3;
  }
});

// ../wt-golden-old/src/cache/private_path.ts
function makePrivateDirectory(path, options = {}) {
  try {
    let info = infoOf(path);
    if (!info?.isDirectory) {
      Deno.mkdirSync(path, {
        recursive: true,
        mode: 448
      });
      info = Deno.statSync(path);
    }
    closeDirectory(path, info, options);
  } catch (cause) {
    throw notPrivate(path, cause);
  }
}
function protectDirectory(path, options = {}) {
  try {
    const info = infoOf(path);
    if (info !== void 0) closeDirectory(path, info, options);
  } catch (cause) {
    if (cause instanceof Deno.errors.PermissionDenied) return;
    throw notPrivate(path, cause);
  }
}
function closeDirectory(path, info, { known = false }) {
  if (!info.isDirectory) throw new Deno.errors.NotADirectory();
  if (Deno.build.os === "windows") return;
  refuseForeign(info);
  if (info.mode === null || (info.mode & 63) === 0) return;
  const shared = known ? void 0 : whyShared(path, info.mode);
  if (shared !== void 0) throw new Shared(shared);
  Deno.chmodSync(path, 448);
}
function whyShared(path, mode) {
  if ((mode & 512) !== 0) return "it is shared by all users";
  if ((mode & 2) !== 0) return "everybody may write in it";
  if ((mode & 63) === 0) return void 0;
  const content = directoryContent(path);
  if (content === "empty") return void 0;
  if ((mode & 16) !== 0) return "its group may write in it";
  return content === "own" ? void 0 : "others may enter it, and it holds other things";
}
function mayBeMadeOurs(path) {
  try {
    return whyShared(path, Deno.statSync(path).mode ?? 0) === void 0;
  } catch {
    return true;
  }
}
function notPrivate(path, cause) {
  const word = shellWord(path);
  const why = cause instanceof Deno.errors.NotADirectory || cause instanceof Deno.errors.AlreadyExists ? "it is not a directory" : reason(cause);
  return new TdauthError("cache_unreadable", `Cannot use the directory "${path}": ${why}`, {
    hint: hintFor(path, word, cause),
    cause
  });
}
function hintFor(path, word, cause) {
  if (cause instanceof Shared) {
    return `${OWN_DIRECTORY}; it is made if need be`;
  }
  return isDirectory(path) && mayBeMadeOurs(path) ? `name another directory with TD_CONFIG_DIR or --config-dir, or make this one yours: sudo chown "$(id -un)" ${word} && chmod 700 ${word}` : "name another directory with TD_CONFIG_DIR or --config-dir";
}
function isDirectory(path) {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
function makePrivateFile(path) {
  try {
    const info = Deno.lstatSync(path);
    if (!info.isFile) return infoOf(path) !== void 0;
    if (Deno.build.os === "windows") return true;
    refuseForeign(info);
    if (info.mode !== null && (info.mode & 63) !== 0) {
      if (!looksLikeTokens(Deno.readTextFileSync(path))) return true;
      Deno.chmodSync(path, 384);
    }
    return true;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return false;
    throw new TdauthError("cache_unreadable", `Cannot protect "${path}": ${reason(cause)}`, {
      hint: `make it yours: chown "$(id -un)" ${shellWord(path)} && chmod 600 ${shellWord(path)}`,
      cause
    });
  }
}
function infoOf(path) {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return void 0;
    throw error;
  }
}
function refuseForeign(info) {
  const user = userId();
  if (user !== null && info.uid !== null && info.uid !== user) {
    throw new Error("it belongs to another user");
  }
}
function userId() {
  try {
    return Deno.uid();
  } catch {
    return null;
  }
}
function reason(cause) {
  if (cause instanceof Deno.errors.NotFound) return "it does not exist";
  if (cause instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (cause instanceof Deno.errors.NotCapable) {
    return "this script was not given the permission (--allow-read, --allow-write)";
  }
  if (cause instanceof Deno.errors.AlreadyExists) {
    return "a file of that name is in the way";
  }
  if (cause instanceof Error) {
    return cause.message.replace(/\s*\(os error \d+\).*$/s, "");
  }
  return String(cause);
}
var OWN_DIRECTORY, Shared;
var init_private_path = __esm({
  "../wt-golden-old/src/cache/private_path.ts"() {
    init_errors();
    init_shell_word();
    init_directory_content();
    init_looks_like_tokens();
    OWN_DIRECTORY = "name a directory of its own with TD_CONFIG_DIR or --config-dir";
    Shared = class extends Error {
    };
  }
});

// ../wt-golden-old/src/cache/queue.ts
async function inTurn(key, run, options = {}) {
  const before = tails.get(key) ?? Promise.resolve();
  const { promise: mine, resolve: done } = Promise.withResolvers();
  const tail = before.then(() => mine);
  tails.set(key, tail);
  try {
    await orAborted(before, options.signal);
    return await run();
  } finally {
    done();
    if (tails.get(key) === tail) tails.delete(key);
  }
}
function orAborted(promise, signal) {
  if (signal === void 0) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, {
      once: true
    });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
var tails;
var init_queue = __esm({
  "../wt-golden-old/src/cache/queue.ts"() {
    tails = /* @__PURE__ */ new Map();
  }
});

// ../wt-golden-old/src/cache/file_lock.ts
function withFileLock(path, run, options = {}) {
  return inTurn(path, async () => {
    using file = openOrNothing(path);
    if (file !== void 0) await lock(file, options.signal);
    return await run();
  }, options);
}
async function lock(file, signal) {
  if (!("tryLockSync" in file)) {
    const locked = file.lock(true);
    locked.catch(() => {
    });
    return await orAborted(locked, signal);
  }
  for (let nap = FIRST_NAP; !takes(file); nap = Math.min(nap * 2, LONGEST_NAP)) {
    signal?.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers();
    const timer = setTimeout(resolve, nap * (0.5 + Math.random()));
    try {
      await orAborted(promise, signal);
    } finally {
      clearTimeout(timer);
    }
  }
}
function lockForAMoment(path) {
  const file = open(path);
  if (!("tryLockSync" in file)) {
    file.lockSync(true);
    return file;
  }
  const end = performance.now() + LONGEST_MOMENT;
  while (!takes(file)) {
    if (performance.now() > end) {
      file.close();
      throw new TdauthError("busy", `Cannot write in the directory of "${path}": another process has been writing there for ${LONGEST_MOMENT / 1e3} seconds`, {
        hint: "see whether a tdauth process hangs or is stopped, and end it"
      });
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FIRST_NAP);
  }
  return file;
}
function takes(file) {
  try {
    return file.tryLockSync(true);
  } catch (error) {
    if (error instanceof Error && NO_LOCKS.test(error.message)) return true;
    throw error;
  }
}
function openOrNothing(path) {
  try {
    return open(path);
  } catch (error) {
    const { cause } = error;
    const unwritable = cause instanceof Deno.errors.PermissionDenied || cause instanceof Deno.errors.NotCapable || cause instanceof Error && /read-only/i.test(cause.message);
    if (unwritable) return void 0;
    throw error;
  }
}
function open(path) {
  try {
    return Deno.openSync(path, {
      read: true,
      write: true,
      create: true,
      mode: 384
    });
  } catch (cause) {
    throw new TdauthError("cache_unreadable", `Cannot open the lock file "${path}": ${reason(cause)}`, {
      hint: "make its directory writable",
      cause
    });
  }
}
var FIRST_NAP, LONGEST_NAP, LONGEST_MOMENT, NO_LOCKS;
var init_file_lock = __esm({
  "../wt-golden-old/src/cache/file_lock.ts"() {
    init_errors();
    init_private_path();
    init_queue();
    FIRST_NAP = 1;
    LONGEST_NAP = 20;
    LONGEST_MOMENT = 5e3;
    NO_LOCKS = /no locks available|not implemented|not supported/i;
  }
});

// ../wt-golden-old/src/cache/own_files.ts
function notOurs(path) {
  return new TdauthError("cache_unreadable", `Cannot write "${path}": it holds something else, and was left as it is`, {
    hint: "name a directory of its own with TD_CONFIG_DIR or --config-dir, or move the file away"
  });
}
var TEMPORARY;
var init_own_files = __esm({
  "../wt-golden-old/src/cache/own_files.ts"() {
    init_errors();
    TEMPORARY = /^\.(.+)\.[0-9a-f]{32}\.tdauth\.tmp$/;
  }
});

// ../wt-golden-old/src/cache/atomic_file.ts
function directoryOf(path) {
  const end = Deno.build.os === "windows" ? Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) : path.lastIndexOf("/");
  return end <= 0 ? path.slice(0, end + 1) || "." : path.slice(0, end);
}
function updateFile(path, update) {
  const directory = directoryOf(path);
  using _lock = lockWrites(path);
  const text = update(readText(path));
  const name = path.slice(directory === "/" ? 1 : directory.length + 1);
  const random = crypto.randomUUID().replaceAll("-", "");
  const temporary = `${directory}/.${name}.${random}.tdauth.tmp`;
  sweep(directory);
  try {
    writeNew(temporary, new TextEncoder().encode(text));
    Deno.renameSync(temporary, path);
    syncDirectory(directory);
  } catch (cause) {
    removeQuietly(temporary);
    throw new TdauthError("cache_unreadable", `Cannot write "${path}": ${reason(cause)}`, {
      hint: "free some space or make the directory writable, then run the command again; the old file is unchanged",
      cause
    });
  }
}
function lockWrites(path) {
  return lockForAMoment(`${directoryOf(path)}/.write.lock`);
}
function readText(path) {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return void 0;
    throw new TdauthError("cache_unreadable", `Cannot read "${path}": ${reason(cause)}`, {
      hint: `make it yours: chown "$(id -un)" ${shellWord(path)} && chmod 600 ${shellWord(path)}`,
      cause
    });
  }
}
function writeNew(path, bytes2) {
  using file = Deno.openSync(path, {
    write: true,
    createNew: true,
    mode: 384
  });
  let written = 0;
  while (written < bytes2.length) {
    written += file.writeSync(bytes2.subarray(written));
  }
  file.syncSync();
}
function syncDirectory(directory) {
  if (Deno.build.os === "windows") return;
  using handle = Deno.openSync(directory, {
    read: true
  });
  handle.syncSync();
}
function sweep(directory) {
  try {
    for (const { name } of Deno.readDirSync(directory)) {
      if (TEMPORARY.test(name)) removeQuietly(`${directory}/${name}`);
    }
  } catch {
  }
}
function removeQuietly(path) {
  try {
    Deno.removeSync(path);
  } catch {
  }
}
var init_atomic_file = __esm({
  "../wt-golden-old/src/cache/atomic_file.ts"() {
    init_errors();
    init_file_lock();
    init_own_files();
    init_private_path();
    init_shell_word();
  }
});

// ../wt-golden-old/src/cache/token_json.ts
function parseTokens(text, now = Date.now) {
  const file = parseTokenFile(text);
  const { login_time, scope, provider, consumer_key, refresh_pending } = file;
  const named = {
    ...typeof provider === "string" && {
      provider
    },
    ...typeof consumer_key === "string" && {
      consumerKey: consumer_key
    }
  };
  const { sealed } = file;
  if (typeof sealed === "string") {
    parseSealed(sealed);
    return {
      ...sealedTokens(sealed),
      ...named
    };
  }
  const refused3 = refusal(file["refresh_refused"]);
  return {
    accessToken: new AccessToken(entry(file, "access_token"), now),
    refreshToken: new RefreshToken(entry(file, "refresh_token"), now),
    ...typeof login_time === "number" && {
      loginTime: login_time
    },
    ...typeof refresh_pending === "number" && {
      refreshPending: refresh_pending
    },
    ...refused3 !== void 0 && {
      refreshRefused: refused3
    },
    ...typeof scope === "string" && {
      scope
    },
    ...named
  };
}
function sealedTokens(sealed, tokens) {
  const refuse = () => {
    throw sealNotExpected(sealed);
  };
  const { provider, consumerKey, journalOnly, refreshPending } = tokens ?? {};
  return {
    accessToken: new SealedToken(tokens?.accessToken, refuse),
    refreshToken: new SealedToken(tokens?.refreshToken, refuse),
    ...provider !== void 0 && {
      provider
    },
    ...consumerKey !== void 0 && {
      consumerKey
    },
    // The cache beneath cannot see it, and must not take old tokens for new ones.
    ...(journalOnly || refreshPending !== void 0) && {
      journalOnly: true
    },
    sealed
  };
}
function formatTokens(tokens, previous = "") {
  const { accessToken, refreshToken: refreshToken2, sealed } = tokens;
  if (sealed !== void 0 && !(accessToken instanceof SealedToken && refreshToken2 instanceof SealedToken)) throw sealNotExpected(sealed);
  const { refresh_token: _, access_token: __, ...unknown } = parseTokenFile(previous);
  for (const key of OWN_KEYS) delete unknown[key];
  const kept = sealed === void 0 ? unknown : {};
  const file = {
    ...sealed === void 0 && {
      refresh_token: formatEntry(refreshToken2),
      access_token: formatEntry(accessToken)
    },
    ...kept,
    version: VERSION,
    sealed,
    provider: tokens.provider,
    consumer_key: tokens.consumerKey,
    login_time: tokens.loginTime,
    scope: tokens.scope,
    refresh_pending: tokens.refreshPending,
    refresh_refused: tokens.refreshRefused
  };
  try {
    return JSON.stringify(file, void 0, 1) + "\n";
  } catch {
    throw corrupt("it is nested too deeply");
  }
}
function parseTokenFile(text) {
  const json = text.charCodeAt(0) === 65279 ? text.slice(1).trim() : text.trim();
  if (json === "") return {};
  const file = parseObject(json);
  if (hasSeal(json) && !isWholeSeal(file)) throw sealDamaged();
  if (!isObject3(file)) throw corrupt("it is not a JSON object");
  if (typeof file["version"] === "number" && file["version"] > VERSION) {
    throw new TdauthError("cache_unreadable", `Cannot read the stored tokens: they are in format ${file["version"]}, which a newer tdauth wrote`, {
      hint: "update tdauth"
    });
  }
  return file;
}
function parseObject(json) {
  try {
    return JSON.parse(json);
  } catch {
    if (hasSeal(json)) return void 0;
    throw corrupt("it is not JSON");
  }
}
function hasSeal(json) {
  return json.includes(SEALED_PREFIX) || json.includes('"sealed"');
}
function isWholeSeal(file) {
  return isObject3(file) && typeof file["sealed"] === "string" && file["version"] === VERSION;
}
function entry(file, key) {
  const value = file[key];
  if (value === void 0 || value === null) return void 0;
  if (!isObject3(value)) throw corrupt(`"${key}" is not an object`);
  const { token, access_time, expires_in } = value;
  if (token === void 0 || token === null || token === "") return void 0;
  if (typeof token !== "string") throw corrupt(`"${key}.token" is not a text`);
  return {
    token,
    accessTime: seconds(access_time, `${key}.access_time`),
    // null: the broker does not say how long it lives
    expiresIn: expires_in === null ? Infinity : Math.min(seconds(expires_in, `${key}.expires_in`), LONGEST2)
  };
}
function seconds(value, key) {
  if (typeof value !== "number" || !(value >= 0)) {
    throw corrupt(`"${key}" is not a number of seconds`);
  }
  return value;
}
function refusal(value) {
  if (!isObject3(value)) return void 0;
  const { time, reason: reason2 } = value;
  return typeof time === "number" && typeof reason2 === "string" ? {
    time,
    reason: reason2
  } : void 0;
}
function formatEntry(token) {
  if (token.token === void 0) return null;
  return {
    token: token.token,
    access_time: token.accessTime,
    expires_in: Number.isFinite(token.expiresIn) ? token.expiresIn : null
  };
}
function isObject3(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function corrupt(why) {
  return new TdauthError("cache_corrupt", `Cannot understand the stored tokens: ${why}`);
}
var VERSION, OWN_KEYS, LONGEST2;
var init_token_json = __esm({
  "../wt-golden-old/src/cache/token_json.ts"() {
    init_errors();
    init_sealed_text();
    init_token();
    VERSION = 1;
    OWN_KEYS = [
      "version",
      "provider",
      "consumer_key",
      "login_time",
      "scope",
      "refresh_pending",
      "refresh_refused",
      "sealed"
    ];
    LONGEST2 = 315576e3;
  }
});

// ../wt-golden-old/src/cache/other_names.ts
var other_names_exports = {};
__export(other_names_exports, {
  refuseOtherNames: () => refuseOtherNames
});
function refuseOtherNames(path) {
  const { isSymlink, nlink } = Deno.lstatSync(path);
  if (isSymlink) {
    const target = Deno.realPathSync(path);
    throw new TdauthError("cache_unreadable", `Cannot seal the tokens: "${path}" is a link, and "${target}" would keep them in clear`, {
      hint: `put the file in the link's place, then run the command again: mv -f ${shellWord(target)} ${shellWord(path)}`
    });
  }
  if (nlink !== null && nlink > 1) {
    throw new TdauthError("cache_unreadable", `Cannot seal the tokens: "${path}" has ${nlink} names (hard links), and the others would keep them in clear`, {
      hint: `remove the other names, then run the command again; to find them: find / -xdev -samefile ${shellWord(path)}`
    });
  }
}
var init_other_names = __esm({
  "../wt-golden-old/src/cache/other_names.ts"() {
    init_errors();
    init_shell_word();
  }
});

// ../wt-golden-old/src/seal/box.ts
async function boxOf(key) {
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, [
    "encrypt",
    "decrypt"
  ]);
  return {
    async seal(text, context) {
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
      const ciphertext = await crypto.subtle.encrypt({
        name: "AES-GCM",
        iv: nonce,
        additionalData: bytes(context)
      }, aes, bytes(text));
      const sealed = new Uint8Array(NONCE + ciphertext.byteLength);
      sealed.set(nonce);
      sealed.set(new Uint8Array(ciphertext), NONCE);
      return toBase64Url(sealed);
    },
    async open(sealed, context) {
      try {
        const all = fromBase64Url(sealed);
        const text = await crypto.subtle.decrypt({
          name: "AES-GCM",
          iv: all.subarray(0, NONCE),
          additionalData: bytes(context)
        }, aes, all.subarray(NONCE));
        return new TextDecoder().decode(text);
      } catch {
        return void 0;
      }
    }
  };
}
function bytes(text) {
  return new TextEncoder().encode(text);
}
function toBase64Url(data) {
  let binary = "";
  for (const byte of data) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
function fromBase64Url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const data = Uint8Array.from(binary, (byte) => byte.charCodeAt(0));
  if (toBase64Url(data) !== text) throw new TypeError("not Base64url");
  return data;
}
var NONCE;
var init_box = __esm({
  "../wt-golden-old/src/seal/box.ts"() {
    NONCE = 12;
  }
});

// ../wt-golden-old/src/cache/sealed_cache.ts
var sealed_cache_exports = {};
__export(sealed_cache_exports, {
  SealedCache: () => SealedCache
});
function notSealed() {
  return new TdauthError("cache_sealed", "Cannot use the stored tokens: they are in clear, where sealed ones alone are taken", {
    hint: "clear() them and log in; if they are older than the sealing, load() and save() them once without strict"
  });
}
var SealedCache;
var init_sealed_cache = __esm({
  "../wt-golden-old/src/cache/sealed_cache.ts"() {
    init_errors();
    init_box();
    init_sealed_text();
    init_token();
    init_token_json();
    SealedCache = class {
      #inner;
      #key;
      #now;
      #name;
      #strict;
      /** The box in use, so that a passphrase is stretched once. */
      #box;
      /** One whose key was made and has not sealed anything yet. */
      #made;
      /**
       * Wraps a cache.
       *
       * @param inner The cache that holds the sealed tokens.
       * @param key Where the key comes from.
       * @param options Whose tokens they are, whether they must be sealed, and the clock.
       */
      constructor(inner, key, options = {}) {
        this.#inner = inner;
        this.#key = key;
        this.#now = options.now ?? Date.now;
        this.#name = options.name ?? "";
        this.#strict = options.strict ?? false;
      }
      /**
       * Reads and opens the tokens.
       *
       * @returns The tokens.
       * @throws {TdauthError} `cache_sealed` when the key cannot be had or does not
       * fit, a bit was changed, they are another's, or they are in clear and must not
       * be; what is stored stays as it is. Else as the inner cache.
       */
      async load() {
        return await this.#opened(await this.#stored());
      }
      /**
       * Seals and writes the tokens: with the key of what is stored where that is
       * sealed, unless it is an older one, else with a new one.
       *
       * @param tokens The tokens.
       * @throws {TdauthError} `cache_sealed` when the key cannot be had, what is
       * stored was sealed with another, or it is in clear and must not be; nothing is
       * written then. Else as the inner cache.
       */
      async save(tokens) {
        const { parameters, box } = await this.#boxToWrite();
        const sealed = formatSealed({
          from: this.#key.from,
          parameters,
          box: await box.seal(formatTokens(tokens), this.#context(tokens, parameters))
        });
        await this.#inner.save(sealedTokens(sealed, tokens));
        this.#made = void 0;
      }
      /**
       * Forgets both tokens, and the key where it is kept for them alone. It takes no
       * key: where the keychain cannot be reached, the key in it is left behind.
       *
       * @throws {TdauthError} As the inner cache.
       */
      async clear() {
        const parameters = await this.#parameters();
        await this.#inner.clear();
        if (parameters !== void 0) await this.#forget(parameters);
      }
      /**
       * Runs functions of the same kind of work one after the other, as the inner
       * cache does. For a login the key is found or made first: new tokens that
       * cannot be sealed would be lost.
       *
       * @param work The kind of work.
       * @param run What to do.
       * @param options What ends the wait.
       * @returns What `run` gives.
       * @throws {TdauthError} `cache_sealed` when there is no key to be had for a login.
       */
      exclusive(work, run, options) {
        if (work !== "login") return this.#inner.exclusive(work, run, options);
        return this.#inner.exclusive(work, async () => {
          const { sealed } = await this.#stored();
          if (sealed === void 0) await this.#make();
          try {
            return await run();
          } finally {
            const unused = this.#made;
            this.#made = void 0;
            if (unused !== void 0) await this.#forget(unused.parameters);
          }
        }, options);
      }
      /** The box of what is stored, or a new one where that is not sealed. */
      async #boxToWrite() {
        let stored;
        try {
          stored = await this.#stored();
        } catch (error) {
          const sealed = error instanceof TdauthError && error.code === "cache_sealed";
          if (sealed || this.#box === void 0) throw error;
          return this.#box;
        }
        if (stored.sealed === void 0) return await this.#make();
        await this.#opened(stored);
        const box = this.#box;
        return box === void 0 || await this.#key.renews?.(box.parameters) ? await this.#make() : box;
      }
      /** What is stored, where it may be used. */
      async #stored() {
        const stored = await this.#inner.load();
        if (!this.#strict || stored.sealed !== void 0) return stored;
        if (hasTokens(stored)) throw notSealed();
        return noTokens();
      }
      /** Opens what is stored with the key that sealed it. */
      async #opened(stored) {
        if (stored.sealed === void 0) return stored;
        const { from, parameters, box: sealed } = parseSealed(stored.sealed);
        if (from !== this.#key.from) throw sealDamaged();
        const context = this.#context(stored, parameters);
        while (true) {
          let keyed = this.#box;
          if (keyed?.parameters !== parameters) {
            const key = await this.#key.find(parameters);
            keyed = {
              parameters,
              key,
              box: await boxOf(key)
            };
          }
          const text = await keyed.box.open(sealed, context);
          if (text !== void 0) {
            this.#box = keyed;
            return parseTokens(text, this.#now);
          }
          if (this.#box === keyed) this.#box = void 0;
          if (!this.#key.again?.(keyed.key)) throw sealDamaged();
        }
      }
      /** Makes a key, once until it is used. */
      async #make() {
        if (this.#made === void 0) {
          const { key, parameters } = await this.#key.make();
          this.#made = {
            parameters,
            key,
            box: await boxOf(key)
          };
        }
        return this.#box = this.#made;
      }
      /** What stands beside the sealed tokens in clear, and whose they are: none of it can be changed either. */
      #context({ provider, consumerKey }, parameters) {
        const { from } = this.#key;
        return JSON.stringify([
          ...[
            "tdauth tokens",
            from,
            parameters,
            this.#name
          ],
          provider,
          consumerKey
        ]);
      }
      /** What is stored about its key; nothing where it is not sealed, or damaged. */
      async #parameters() {
        try {
          const { sealed } = await this.#inner.load();
          if (sealed === void 0) return void 0;
          const { from, parameters } = parseSealed(sealed);
          return from === this.#key.from ? parameters : void 0;
        } catch {
          return void 0;
        }
      }
      async #forget(parameters) {
        try {
          await this.#key.forget?.(parameters);
        } catch {
        }
      }
    };
  }
});

// ../wt-golden-old/src/seal/keychain_tool.ts
var keychain_tool_exports = {};
__export(keychain_tool_exports, {
  ask: () => ask,
  isKeyId: () => isKeyId,
  keyGone: () => keyGone,
  keyNamed: () => keyNamed,
  keychainError: () => keychainError,
  keychainLocked: () => keychainLocked,
  newKeyId: () => newKeyId,
  notKept: () => notKept,
  programFailed: () => programFailed
});
function keychainError(why, hint, cause) {
  return new TdauthError("cache_sealed", `Cannot use the keychain: ${why}`, {
    hint,
    ...cause !== void 0 && {
      cause
    }
  });
}
function keyGone() {
  return new TdauthError("cache_sealed", "Cannot open the sealed tokens: their key is not in the keychain", {
    hint: "restore the keychain from a backup, or start anew: tdauth logout, then tdauth login"
  });
}
async function keyNamed(id, look) {
  const found = isKeyId(id) ? await look(id) : void 0;
  if (found === void 0) throw keyGone();
  return found;
}
function notKept() {
  return keychainError("it does not give back the key that it was to keep", "nothing is sealed with it; see whether other programs can store passwords in it, or seal with a passphrase or a key");
}
async function ask(run, tool, install) {
  let result;
  try {
    result = await run(tool);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) {
      throw keychainError(`there is no program ${tool.program}`, `${install}; on a machine without a keychain, seal with a passphrase or a key`, cause);
    }
    if (cause instanceof Deno.errors.NotCapable) {
      throw keychainError(`this script was not given the permission to run ${tool.program} (--allow-run)`, `run it with --allow-run=${tool.program}`, cause);
    }
    throw cause;
  }
  if (!result.late) return result;
  throw keychainError(`${tool.program} waits for an answer and was ended`, "unlock the keychain, then run the command again");
}
function programFailed({ program }, { code, stderr }) {
  const said = stderr.trim().split("\n").at(-1)?.trim();
  return keychainError(`${program} failed with exit code ${code}`, "run the command again with --verbose for the cause", said ? new Error(said) : void 0);
}
function keychainLocked() {
  return keychainError("it is locked, and there is nobody to unlock it", "log in to the desktop or unlock it, then run the command again");
}
function newKeyId() {
  return crypto.randomUUID().replaceAll("-", "");
}
function isKeyId(text) {
  return /^[0-9a-f]{32}$/.test(text);
}
var init_keychain_tool = __esm({
  "../wt-golden-old/src/seal/keychain_tool.ts"() {
    init_errors();
  }
});

// ../wt-golden-old/src/run_program.ts
async function runProgram({ program, args, input = "" }, { env, clearEnv = false, limit }) {
  const child = new Deno.Command(program, {
    args: [
      ...args
    ],
    env: {
      ...env
    },
    clearEnv,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped"
  }).spawn();
  const writer = child.stdin.getWriter();
  writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {
  });
  const output = child.output();
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, limit, void 0);
  });
  try {
    const ended = await Promise.race([
      output,
      late
    ]);
    if (ended !== void 0) {
      const text = (bytes2) => new TextDecoder().decode(bytes2);
      return {
        code: ended.code,
        stdout: text(ended.stdout),
        stderr: text(ended.stderr),
        late: false
      };
    }
  } finally {
    clearTimeout(timer);
  }
  output.catch(() => {
  });
  child.unref();
  try {
    child.kill("SIGKILL");
  } catch {
  }
  return {
    code: -1,
    stdout: "",
    stderr: "",
    late: true
  };
}
var init_run_program = __esm({
  "../wt-golden-old/src/run_program.ts"() {
  }
});

// ../wt-golden-old/src/seal/run_keychain.ts
var run_keychain_exports = {};
__export(run_keychain_exports, {
  keychainRunner: () => keychainRunner
});
function keychainRunner(env = realEnv, limit = 1e4) {
  return (tool) => runProgram(tool, {
    ...childEnvironment("tool", {
      env
    }),
    limit
  });
}
var init_run_keychain = __esm({
  "../wt-golden-old/src/seal/run_keychain.ts"() {
    init_config_dir();
    init_run_program();
  }
});

// ../wt-golden-old/src/seal/macos_keychain.ts
var macos_keychain_exports = {};
__export(macos_keychain_exports, {
  macosKeychain: () => macosKeychain
});
function macosKeychain(run) {
  const tool = (...args) => ({
    program: "/usr/bin/security",
    args
  });
  const look = async (id) => {
    const lookup = tool("find-generic-password", "-s", "tdauth", "-a", id, "-w");
    const result = await ask(run, lookup, INSTALL);
    if (result.code === 0) return result.stdout.trim();
    if (result.code === NOT_FOUND) return void 0;
    if (LOCKED.includes(result.code)) throw keychainLocked();
    throw programFailed(lookup, result);
  };
  return {
    find: (id) => keyNamed(id, look),
    async keep(secret) {
      const id = newKeyId();
      const add = {
        ...tool("-i"),
        input: `add-generic-password -s tdauth -a ${id} -l "tdauth: key of tokens" -w ${secret}
`
      };
      const result = await ask(run, add, INSTALL);
      if (LOCKED.includes(result.code)) throw keychainLocked();
      if (result.code !== 0) throw programFailed(add, result);
      if (await look(id) !== secret) throw notKept();
      return id;
    },
    async forget(id) {
      if (!isKeyId(id)) return;
      await ask(run, tool("delete-generic-password", "-s", "tdauth", "-a", id), INSTALL);
    }
  };
}
var INSTALL, NOT_FOUND, LOCKED;
var init_macos_keychain = __esm({
  "../wt-golden-old/src/seal/macos_keychain.ts"() {
    init_keychain_tool();
    INSTALL = "it is a part of macOS: see whether /usr/bin is as it was";
    NOT_FOUND = 44;
    LOCKED = [
      36,
      51,
      128
    ];
  }
});

// ../wt-golden-old/src/seal/windows_protection.ts
var windows_protection_exports = {};
__export(windows_protection_exports, {
  windowsProtection: () => windowsProtection
});
function windowsProtection(run, systemRoot = "C:\\Windows") {
  const call = async (name, data) => {
    const tool = {
      program: `${systemRoot}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`,
      args: [
        "-NoLogo",
        "-NoProfile",
        "-NonInteractive",
        "-Command",
        script(name)
      ],
      input: `${data}
`
    };
    return {
      tool,
      result: await ask(run, tool, INSTALL2)
    };
  };
  return {
    async keep(secret) {
      const { tool, result } = await call("Protect", btoa(secret));
      if (result.code !== 0) throw programFailed(tool, result);
      return toBase64Url2(result.stdout.trim());
    },
    async find(parameters) {
      if (!/^[\w-]{40,4000}$/.test(parameters)) throw keyGone();
      const { tool, result } = await call("Unprotect", fromBase64Url2(parameters));
      if (result.code === REFUSED) throw keyGone();
      if (result.code !== 0) throw programFailed(tool, result);
      return atob(result.stdout.trim());
    },
    forget: () => Promise.resolve()
  };
}
function script(name) {
  return [
    "$ErrorActionPreference = 'Stop'",
    "Add-Type -AssemblyName System.Security",
    "$data = [Convert]::FromBase64String([Console]::In.ReadLine())",
    `try { $done = [Security.Cryptography.ProtectedData]::${name}($data, $null, 'CurrentUser') } catch [Security.Cryptography.CryptographicException] { exit ${REFUSED} }`,
    "[Console]::Out.Write([Convert]::ToBase64String($done))"
  ].join("; ");
}
function toBase64Url2(base642) {
  return base642.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
function fromBase64Url2(text) {
  const base642 = text.replaceAll("-", "+").replaceAll("_", "/");
  return base642.padEnd(Math.ceil(base642.length / 4) * 4, "=");
}
var INSTALL2, REFUSED;
var init_windows_protection = __esm({
  "../wt-golden-old/src/seal/windows_protection.ts"() {
    init_keychain_tool();
    INSTALL2 = "it is a part of Windows: see whether Windows PowerShell is switched off";
    REFUSED = 77;
  }
});

// ../wt-golden-old/src/seal/secret_service.ts
var secret_service_exports = {};
__export(secret_service_exports, {
  secretService: () => secretService
});
function secretService(run) {
  const tool = (command, id, options = [], input) => ({
    program: "secret-tool",
    args: [
      command,
      ...options,
      "application",
      "tdauth",
      "key",
      id
    ],
    ...input !== void 0 && {
      input
    }
  });
  const look = async (id) => {
    const lookup = tool("lookup", id);
    const found = await ask(run, lookup, INSTALL3);
    if (found.code === 0 && found.stdout !== "") return found.stdout;
    refuseTrouble(lookup, found);
    const search = await ask(run, tool("search", id, [
      "--all"
    ]), INSTALL3);
    const shown = search.stdout + search.stderr;
    if (/^attribute\.key = /m.test(shown)) throw keychainLocked();
    refuseTrouble(lookup, search);
    return void 0;
  };
  return {
    find: (id) => keyNamed(id, look),
    async keep(secret) {
      const id = newKeyId();
      const store2 = tool("store", id, [
        "--label=tdauth: key of tokens"
      ], secret);
      const result = await ask(run, store2, INSTALL3);
      if (result.code !== 0) {
        refuseTrouble(store2, result);
        throw programFailed(store2, result);
      }
      if (await look(id) !== secret) throw notKept();
      return id;
    },
    async forget(id) {
      if (isKeyId(id)) await ask(run, tool("clear", id), INSTALL3);
    }
  };
}
function refuseTrouble(tool, result) {
  const { stderr } = result;
  if (/locked|does not exist at path|dismissed|prompt/i.test(stderr)) {
    throw keychainLocked();
  }
  if (/D-?Bus|org\.freedesktop|could not connect|connection/i.test(stderr)) {
    throw keychainError("there is no session of a desktop with a keychain (a Secret Service on D-Bus)", "run it in such a session; on a machine without one, seal with a passphrase or a key", new Error(stderr.trim()));
  }
  if (result.code > 1) throw programFailed(tool, result);
}
var INSTALL3;
var init_secret_service = __esm({
  "../wt-golden-old/src/seal/secret_service.ts"() {
    init_keychain_tool();
    INSTALL3 = "install it (Debian, Ubuntu: libsecret-tools; Fedora, Arch: libsecret)";
  }
});

// ../wt-golden-old/src/seal/keychain.ts
var keychain_exports = {};
__export(keychain_exports, {
  keychainKey: () => keychainKey
});
function keychainKey(options = {}) {
  let keychain;
  const get = () => keychain ??= systemKeychain(options);
  return {
    from: "keychain",
    async make() {
      const key = crypto.getRandomValues(new Uint8Array(32));
      return {
        key,
        parameters: await (await get()).keep(toBase64Url(key))
      };
    },
    find: async (parameters) => keyOf(await (await get()).find(parameters)),
    forget: async (parameters) => await (await get()).forget(parameters)
  };
}
async function keyOf(text) {
  try {
    const key = fromBase64Url(text.trim());
    if (key.length === 32) return key;
  } catch {
  }
  throw (await Promise.resolve().then(() => (init_keychain_tool(), keychain_tool_exports))).keyGone();
}
async function systemKeychain({ env = realEnv, limit, keychain }) {
  if (keychain !== void 0) return keychain;
  const { keychainRunner: keychainRunner2 } = await Promise.resolve().then(() => (init_run_keychain(), run_keychain_exports));
  const run = keychainRunner2(env, limit);
  if (Deno.build.os === "darwin") {
    return (await Promise.resolve().then(() => (init_macos_keychain(), macos_keychain_exports))).macosKeychain(run);
  }
  if (Deno.build.os === "windows") {
    return (await Promise.resolve().then(() => (init_windows_protection(), windows_protection_exports))).windowsProtection(run, env("SystemRoot"));
  }
  return (await Promise.resolve().then(() => (init_secret_service(), secret_service_exports))).secretService(run);
}
var init_keychain = __esm({
  "../wt-golden-old/src/seal/keychain.ts"() {
    init_config_dir();
    init_box();
  }
});

// ../wt-golden-old/src/seal/seal_key.ts
var seal_key_exports = {};
__export(seal_key_exports, {
  passphraseKey: () => passphraseKey,
  rawKey: () => rawKey
});
function rawKey(text) {
  const keys = text.split(/[\s,]+/).filter((part) => part !== "").map(bytesOf);
  const first = keys[0];
  if (first === void 0) throw noKey();
  let found;
  const ids = () => found ??= Promise.all(keys.map(idOf));
  return {
    from: "key",
    make: async () => ({
      key: first,
      parameters: (await ids())[0] ?? ""
    }),
    async find(parameters) {
      const key = keys[(await ids()).indexOf(parameters)];
      if (key === void 0) throw sealDamaged();
      return key;
    },
    renews: async (parameters) => (await ids())[0] !== parameters
  };
}
async function idOf(key) {
  const hash = await crypto.subtle.digest("SHA-256", key);
  return toBase64Url(new Uint8Array(hash, 0, 6));
}
function bytesOf(text) {
  let key;
  try {
    key = fromBase64Url(text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""));
  } catch {
  }
  if (key?.length !== 32) throw noKey();
  return key;
}
function noKey() {
  return new TdauthError("invalid_options", "Cannot use the key of the sealed tokens (TD_CACHE_KEY): it is not 32 bytes in Base64", {
    hint: "make one: openssl rand -base64 32"
  });
}
function passphraseKey(passphrase, mayAskAgain = () => false) {
  let asked;
  const madeOf = /* @__PURE__ */ new WeakMap();
  const forget = (failed) => {
    if (asked === failed) asked = void 0;
  };
  const derive = async (parameters, isNew) => {
    const cost = costOf(parameters);
    const asking = asked ??= passphrase(isNew);
    asking.catch(() => forget(asking));
    const text = (await asking).normalize("NFKC");
    if (isNew && [
      ...text
    ].length < SHORTEST) {
      forget(asking);
      throw new TdauthError("invalid_options", `Cannot seal with this passphrase: it has fewer than ${SHORTEST} characters`, {
        hint: "take a longer one, such as five words"
      });
    }
    const { scrypt } = await import("node:crypto");
    const { salt, ...options } = cost;
    const key = await new Promise((resolve, reject) => scrypt(text, salt, 32, {
      ...options,
      maxmem: 2 ** 29
    }, (error, key2) => error ? reject(error) : resolve(new Uint8Array(key2))));
    madeOf.set(key, asking);
    return key;
  };
  return {
    from: "passphrase",
    async make() {
      const salt = toBase64Url(crypto.getRandomValues(new Uint8Array(16)));
      const { logN, r, p } = SCRYPT;
      const parameters = `${logN}.${r}.${p}.${salt}`;
      return {
        key: await derive(parameters, true),
        parameters
      };
    },
    find: (parameters) => derive(parameters, false),
    again(wrong) {
      if (asked === void 0 || madeOf.get(wrong) !== asked) {
        return asked !== void 0;
      }
      asked = void 0;
      return mayAskAgain();
    }
  };
}
function costOf(parameters) {
  const [, logN, r, p, salt = ""] = COST.exec(parameters) ?? [];
  try {
    if (Number(logN) <= SCRYPT.logN + 1) {
      return {
        N: 2 ** Number(logN),
        r: Number(r),
        p: Number(p),
        salt: fromBase64Url(salt)
      };
    }
  } catch {
  }
  throw new TdauthError("cache_sealed", "Cannot open the sealed tokens: what they say of their passphrase was changed", {
    hint: "restore the file from a backup"
  });
}
var SHORTEST, SCRYPT, COST;
var init_seal_key = __esm({
  "../wt-golden-old/src/seal/seal_key.ts"() {
    init_errors();
    init_box();
    init_sealed_text();
    SHORTEST = 8;
    SCRYPT = {
      logN: 17,
      r: 8,
      p: 1
    };
    COST = /^(1\d)\.([1-8])\.([1-4])\.([\w-]{22})$/;
  }
});

// ../wt-golden-old/src/seal/seal_keys.ts
var seal_keys_exports = {};
__export(seal_keys_exports, {
  SEALED_BY: () => SEALED_BY,
  sealKeyOf: () => sealKeyOf
});
async function sealKeyOf(kind, { env = realEnv, askPassphrase, passphraseUsed } = {}) {
  if (kind === "keychain") {
    return (await Promise.resolve().then(() => (init_keychain(), keychain_exports))).keychainKey({
      env
    });
  }
  const { passphraseKey: passphraseKey2, rawKey: rawKey2 } = await Promise.resolve().then(() => (init_seal_key(), seal_key_exports));
  if (kind === "passphrase") {
    let misses = 0;
    const key2 = passphraseKey2(async (isNew) => {
      const given = env("TD_CACHE_PASSPHRASE")?.trim();
      if (given) return given;
      if (askPassphrase === void 0) {
        throw new TdauthError("cache_sealed", "Cannot open the sealed tokens: their passphrase is not given", {
          hint: "run it in a terminal, which asks, or set TD_CACHE_PASSPHRASE"
        });
      }
      if (misses >= TRIES) throw sealDamaged();
      return await askPassphrase(isNew);
    }, () => {
      misses++;
      return misses < TRIES && askPassphrase !== void 0 && !env("TD_CACHE_PASSPHRASE")?.trim();
    });
    return {
      ...key2,
      make: () => key2.make().finally(passphraseUsed),
      find: (parameters) => key2.find(parameters).finally(passphraseUsed)
    };
  }
  const key = () => {
    const given = env("TD_CACHE_KEY");
    if (given !== void 0) return rawKey2(given);
    throw new TdauthError("cache_sealed", "Cannot open the sealed tokens: their key is not given", {
      hint: "set TD_CACHE_KEY; a new one is made by openssl rand -base64 32"
    });
  };
  return {
    from: "key",
    make: async () => await key().make(),
    find: async (parameters) => await key().find(parameters),
    renews: async (parameters) => await key().renews?.(parameters) ?? false
  };
}
var TRIES, SEALED_BY;
var init_seal_keys = __esm({
  "../wt-golden-old/src/seal/seal_keys.ts"() {
    init_config_dir();
    init_errors();
    init_sealed_text();
    TRIES = 3;
    SEALED_BY = {
      keychain: "the keychain",
      passphrase: "a passphrase",
      key: "the key in TD_CACHE_KEY"
    };
  }
});

// ../wt-golden-old/src/unfetched.ts
function unfetched(error) {
  if (!(error instanceof TypeError)) return void 0;
  const [first = "", ...more] = error.message.split("\n");
  const what = MISSING.map((form) => form.exec(first)?.[1]).find((found) => found !== void 0);
  if (what === void 0) return void 0;
  const cause = more.find((line) => /^\s+0: /.test(line)) ?? first;
  const why = /--cached-only/.test(cause) ? "it is not in the cache, and --cached-only does not let it be fetched" : cause.replace(/^\s+0: /, "").replace(/client error \(\w+\): /, "").replace(/ \(os error \d+\)$/, "");
  return {
    message: `Cannot fetch ${what}: ${why}`,
    hint: "run it again with a network that reaches it, which is needed once; behind a proxy set HTTPS_PROXY, where https is inspected DENO_TLS_CA_STORE=system; or install the executable, which holds everything"
  };
}
var MISSING;
var init_unfetched = __esm({
  "../wt-golden-old/src/unfetched.ts"() {
    MISSING = [
      /^Failed caching npm package '([^']+)'/,
      /^Failed loading \S+ for package "([^"]+)"/,
      /^npm package not found in cache: "([^"]+)"/,
      /^Import '(https?:[^']+)' failed/,
      /^(?:Specifier|Module) not found[^"]*"(https?:[^"]+)"/
    ];
  }
});

// ../wt-golden-old/src/login/name_constraints.ts
function loopbackConstraints() {
  const localhost = new TextEncoder().encode("localhost");
  const every = (count2) => new Array(count2).fill(255);
  const ipv6 = [
    ...new Array(15).fill(0),
    1
  ];
  const permitted = [
    element(130, localhost),
    element(135, [
      127,
      0,
      0,
      1,
      ...every(4)
    ]),
    element(135, [
      ...ipv6,
      ...every(16)
    ]),
    element(129, localhost),
    element(134, localhost)
  ].flatMap((name) => element(SEQUENCE, name));
  return new Uint8Array(element(SEQUENCE, element(160, permitted)));
}
function element(tag, content) {
  const bytes2 = [
    ...content
  ];
  if (bytes2.length > 127) throw new RangeError("too long for one byte");
  return [
    tag,
    bytes2.length,
    ...bytes2
  ];
}
var SEQUENCE;
var init_name_constraints = __esm({
  "../wt-golden-old/src/login/name_constraints.ts"() {
    SEQUENCE = 48;
  }
});

// ../wt-golden-old/src/login/local_ca.ts
async function makeLocalCertificate(now) {
  try {
    return await makeWith(await throwAwayKeys(), now);
  } catch (cause) {
    const missing = unfetched(cause);
    throw new TdauthError("certificate_failed", `Cannot make a certificate for the callback server: ${missing === void 0 ? reason(cause) : missing.message.replace(/^C/, "c")}`, {
      hint: missing === void 0 ? "give your own certificate and key, as PEM files" : "run it again with a network, which it needs once, or give your own certificate and key",
      cause
    });
  }
}
function throwAwayKeys() {
  return crypto.subtle.generateKey(ALGORITHM, false, [
    "sign",
    "verify"
  ]);
}
async function makeWith(caKeys, now) {
  const x509 = await importX509();
  const notBefore = now - HEAD_START;
  const notAfter = notBefore + CERTIFICATE_LIFETIME - 1;
  const common = {
    notBefore: new Date(notBefore * 1e3),
    notAfter: new Date(notAfter * 1e3),
    signingAlgorithm: ALGORITHM
  };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...common,
    serialNumber: serialNumber(),
    // A name of its own: trust stores and verifiers find certificates by name.
    name: `${CA_SUBJECT}${randomHex(8)}`,
    keys: caKeys,
    extensions: await caExtensions(x509, caKeys.publicKey)
  });
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify"
  ]);
  const leaf = await x509.X509CertificateGenerator.create({
    ...common,
    serialNumber: serialNumber(),
    subject: LEAF_SUBJECT,
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: await leafExtensions(x509, caKeys.publicKey)
  });
  const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  return {
    cert: leaf.toString("pem") + "\n",
    ca: ca.toString("pem") + "\n",
    key: x509.PemConverter.encode(key, "PRIVATE KEY") + "\n",
    notAfter
  };
}
async function caExtensions(x509, publicKey) {
  return [
    new x509.BasicConstraintsExtension(true, 0, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    new x509.Extension(NAME_CONSTRAINTS, true, loopbackConstraints()),
    serverAuth(x509),
    await x509.SubjectKeyIdentifierExtension.create(publicKey)
  ];
}
async function leafExtensions(x509, caKey) {
  return [
    new x509.BasicConstraintsExtension(false, void 0, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    serverAuth(x509),
    new x509.SubjectAlternativeNameExtension([
      {
        type: "dns",
        value: "localhost"
      },
      {
        type: "ip",
        value: "127.0.0.1"
      },
      {
        type: "ip",
        value: "::1"
      }
    ]),
    await x509.AuthorityKeyIdentifierExtension.create(caKey)
  ];
}
function serverAuth(x509) {
  return new x509.ExtendedKeyUsageExtension([
    x509.ExtendedKeyUsage.serverAuth
  ]);
}
function caName(der) {
  return new RegExp(`${CA_NAME} [0-9a-f]{16}`).exec(der)?.[0];
}
function serialNumber() {
  const hex = randomHex(16);
  return (parseInt(hex.slice(0, 2), 16) & 127 | 64).toString(16) + hex.slice(2);
}
function randomHex(length) {
  const bytes2 = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes2, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
async function importX509() {
  const lent = [
    "getMetadata",
    "getOwnMetadata",
    "defineMetadata"
  ].filter((name) => !(name in Reflect));
  for (const name of lent) {
    Object.defineProperty(Reflect, name, {
      value: () => void 0,
      configurable: true
    });
  }
  try {
    return await import("@peculiar/x509");
  } finally {
    for (const name of lent) Reflect.deleteProperty(Reflect, name);
  }
}
var DAY, CERTIFICATE_LIFETIME, HEAD_START, ALGORITHM, NAME_CONSTRAINTS, CA_NAME, CA_SUBJECT, LEAF_SUBJECT;
var init_local_ca = __esm({
  "../wt-golden-old/src/login/local_ca.ts"() {
    init_private_path();
    init_errors();
    init_unfetched();
    init_name_constraints();
    DAY = 86400;
    CERTIFICATE_LIFETIME = 397 * DAY;
    HEAD_START = DAY;
    ALGORITHM = {
      name: "ECDSA",
      namedCurve: "P-256",
      hash: "SHA-256"
    };
    NAME_CONSTRAINTS = "2.5.29.30";
    CA_NAME = "tdauth local CA";
    CA_SUBJECT = `O=tdauth, CN=${CA_NAME} `;
    LEAF_SUBJECT = "O=tdauth, CN=localhost";
  }
});

// ../wt-golden-old/src/login/pem.ts
function fromPem(pem, label = "CERTIFICATE") {
  const body = new RegExp(`^-----BEGIN ${label}-----([^-]+)-----END ${label}-----\\s*$`).exec(pem)?.[1];
  try {
    return atob((body ?? "").replace(/\s+/g, ""));
  } catch {
    return "";
  }
}
var init_pem = __esm({
  "../wt-golden-old/src/login/pem.ts"() {
  }
});

// ../wt-golden-old/src/login/certificate.ts
var certificate_exports = {};
__export(certificate_exports, {
  RENEW_BEFORE: () => RENEW_BEFORE,
  callbackCertificate: () => callbackCertificate,
  certificatePath: () => certificatePath,
  keptCertificate: () => keptCertificate,
  readCertificate: () => readCertificate
});
async function callbackCertificate(directory, options = {}) {
  const now = Math.floor((options.now ?? Date.now)() / 1e3);
  const kept = options.renew ? void 0 : keptCertificate(directory);
  if (kept && kept.notAfter > now + RENEW_BEFORE && // Longer than any that is made here: the clock was wrong when it was made.
  kept.notAfter <= now + CERTIFICATE_LIFETIME) {
    return {
      ...chained(kept),
      made: false,
      kept: true
    };
  }
  const made = await makeLocalCertificate(now);
  return {
    ...chained(made),
    made: true,
    kept: keep(directory, made)
  };
}
function chained(certificate2) {
  const { cert: leaf, ca } = certificate2;
  return {
    ...certificate2,
    leaf,
    cert: leaf + ca
  };
}
function certificatePath(directory) {
  return `${directory}/certificate.json`;
}
function keep(directory, made) {
  try {
    makePrivateDirectory(directory);
    updateFile(certificatePath(directory), (old) => {
      refuseOther(certificatePath(directory), old);
      return JSON.stringify({
        version: 2,
        not_after: made.notAfter,
        cert: made.cert,
        ca: made.ca,
        key: made.key
      }, null, 2) + "\n";
    });
    return true;
  } catch (error) {
    if (error instanceof TdauthError) return false;
    throw error;
  }
}
function hasOurKeysAlone(text) {
  try {
    const keys = Object.keys(JSON.parse(text));
    return keys.includes("not_after") && keys.every((key) => [
      "version",
      "not_after",
      "cert",
      "ca",
      "key"
    ].includes(key));
  } catch {
    return false;
  }
}
function refuseOther(path, old = "") {
  const nothing = /^\s*(null|\[\]|\{\}|\0*)\s*$/.test(old);
  const damaged = BEGINNING2.startsWith(old.slice(0, BEGINNING2.length));
  if (!nothing && !damaged && !hasOurKeysAlone(old)) throw notOurs(path);
}
function keptCertificate(directory) {
  try {
    const path = certificatePath(directory);
    const { mode } = Deno.statSync(path);
    const file = JSON.parse(Deno.readTextFileSync(path));
    const { version, not_after: notAfter, cert, ca, key } = file;
    const exposed = Deno.build.os !== "windows" && mode !== null && (mode & 63) !== 0;
    return version === 2 && Number.isInteger(notAfter) && !exposed && belongTogether(String(cert), String(ca), String(key)) ? {
      cert,
      ca,
      key,
      notAfter
    } : void 0;
  } catch {
    return void 0;
  }
}
function belongTogether(cert, ca, key) {
  const point = fromPem(key, "PRIVATE KEY").slice(-65);
  const leaf = fromPem(cert);
  const name = caName(leaf);
  return point.length === 65 && point.startsWith("") && leaf.includes(point) && name !== void 0 && name === caName(fromPem(ca));
}
async function readCertificate(certFile, keyFile) {
  const cert = await readPem(certFile, "certificate");
  const key = await readPem(keyFile, "private key");
  if (!/^-----BEGIN CERTIFICATE-----\s/m.test(cert)) {
    throw unusable(certFile, "certificate", "it is not a certificate in PEM form");
  }
  if (/^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(key)) {
    throw unusable(keyFile, "private key", "it is protected by a password", `make a copy without one: openssl pkey -in ${shellWord(keyFile)} -out key.pem`);
  }
  if (!/^-----BEGIN (?:RSA |EC )?PRIVATE KEY-----\s/m.test(key)) {
    throw unusable(keyFile, "private key", "it is not a private key in PEM form");
  }
  return {
    cert,
    key
  };
}
async function readPem(path, what) {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw unusable(path, what, reason(cause), void 0, cause);
  }
}
function unusable(path, what, why, hint = "give the certificate and its key as two PEM files", cause) {
  return new TdauthError("certificate_failed", `Cannot use "${path}" as the callback server's ${what}: ${why}`, {
    hint,
    ...cause === void 0 ? {} : {
      cause
    }
  });
}
var RENEW_BEFORE, BEGINNING2;
var init_certificate = __esm({
  "../wt-golden-old/src/login/certificate.ts"() {
    init_atomic_file();
    init_own_files();
    init_private_path();
    init_errors();
    init_local_ca();
    init_pem();
    init_shell_word();
    RENEW_BEFORE = 30 * 86400;
    BEGINNING2 = '{\n  "version": 2,\n  "not_after": ';
  }
});

// ../wt-golden-old/src/cache/disk_cache.ts
init_config_dir();
init_errors();
init_token();
init_atomic_file();
init_file_lock();

// ../wt-golden-old/src/cache/parse_own_tokens.ts
init_errors();
init_token();
init_looks_like_tokens();
init_token_json();
var NotOurs = class extends TdauthError {
  /**
   * @param path The file.
   * @param what What it holds.
   */
  constructor(path, what) {
    super("cache_unreadable", `Cannot use "${path}" for tokens: it holds ${what}, and was left as it is`, {
      hint: "name another directory with TD_CONFIG_DIR or --config-dir, or move the file away"
    });
  }
};
function parseOwnTokens(path, text, { now, consumerKey }) {
  let tokens;
  try {
    tokens = parseTokens(text, now);
  } catch (error) {
    const newer = error instanceof TdauthError && error.code === "cache_unreadable";
    if (!newer && !looksLikeTokens(text)) throw somethingElse(path);
    throw error;
  }
  if (tokens.sealed !== void 0 || !hasTokens(tokens)) {
    if (!looksLikeTokens(text)) throw somethingElse(path);
  }
  if ((tokens.consumerKey ?? consumerKey) !== (consumerKey ?? tokens.consumerKey)) {
    throw new NotOurs(path, "the tokens of another app");
  }
  return tokens;
}
function somethingElse(path) {
  return new NotOurs(path, "something else");
}
function isCorrupt(error) {
  return error instanceof TdauthError && error.code === "cache_corrupt";
}

// ../wt-golden-old/src/cache/disk_cache.ts
init_private_path();
init_token_json();
var DiskCache = class {
  /** The absolute path of the file. */
  path;
  #now;
  #name;
  #looks;
  #consumerKey;
  /** Whether the directory has been found to be ours: what was sent for must be kept there, whatever becomes of it. */
  #known = false;
  /**
   * Makes the directory (0700), with its parents, and an empty cache file (0600)
   * where there is none, unless {@linkcode DiskCacheOptions.open} says otherwise.
   *
   * @param configDir The directory, as an absolute path.
   * @param filename The file's name in it.
   * @param options The clock, and what is made.
   * @throws {TypeError} When the directory is not absolute or the name has a directory in it.
   * @throws {TdauthError} `cache_unreadable` when the directory or the file cannot be made.
   */
  constructor(configDir, filename, options = {}) {
    if (!isAbsolute(configDir)) {
      throw new TypeError(`Cannot open a DiskCache in "${configDir}": the path is not absolute`);
    }
    if (filename === "" || filename === "." || filename === ".." || /[/\\\0]/.test(filename)) {
      throw new TypeError(`Cannot open a DiskCache named "${filename}": that is not a file name`);
    }
    this.path = `${configDir.replace(/(.)[/\\]+$/, "$1")}/${filename}`;
    this.#now = options.now ?? Date.now;
    this.#name = filename;
    this.#looks = options.open === "look";
    this.#consumerKey = options.consumerKey;
    if (this.#looks) return;
    if (options.open === "protect") {
      protectDirectory(configDir);
      makePrivateFile(this.path);
      return;
    }
    this.#makeDirectory();
    if (!makePrivateFile(this.path)) this.#update((old) => old);
  }
  /** The access token in the file; setting it writes the file at once. */
  get accessToken() {
    return this.#load().accessToken;
  }
  set accessToken(accessToken) {
    this.#update((old) => ({
      ...old,
      accessToken
    }));
  }
  /** The refresh token in the file; setting it writes the file at once. */
  get refreshToken() {
    return this.#load().refreshToken;
  }
  set refreshToken(refreshToken2) {
    this.#update((old) => ({
      ...withoutMarks(old),
      refreshToken: refreshToken2
    }));
  }
  /**
   * Reads the tokens in the file.
   *
   * @returns The tokens; absent ones when the file is empty or gone.
   * @throws {TdauthError} `cache_unreadable` when the file cannot be read, or is
   * another program's: it stays as it is; `cache_corrupt` when it is a damaged
   * token file: it is then set aside, next to where it was, and the message says where.
   */
  // deno-lint-ignore require-await -- what it throws must become a rejection
  async load() {
    return this.#load();
  }
  /**
   * Writes the tokens; keys of the file that tdauth does not know are kept.
   *
   * @param tokens The tokens.
   * @throws {TdauthError} `cache_unreadable` when the file cannot be written; the old one is then as it was.
   */
  // deno-lint-ignore require-await -- what it throws must become a rejection
  async save(tokens) {
    this.#update(() => tokens);
  }
  /**
   * Empties the cache and keeps the file; takes effect at once, awaited or not.
   * Where nothing can be written the file is removed.
   *
   * @throws {TdauthError} `cache_unreadable` when the file cannot be written.
   */
  // deno-lint-ignore require-await -- what it throws must become a rejection
  async clear() {
    try {
      this.#update(noTokens);
    } catch (error) {
      this.#refuseOthers();
      try {
        Deno.removeSync(this.path);
      } catch {
        throw error;
      }
    }
  }
  /**
   * Runs `run` while no other holder of the same file, in this process or in
   * another, does the same kind of work, by a lock file beside the cache file.
   *
   * @param work The kind of work.
   * @param run What to do.
   * @param options What ends the wait.
   * @returns What `run` gives.
   * @throws {TdauthError} `cache_unreadable` when the lock file cannot be made; else what `run`
   * throws, or the reason of the signal that ended the wait.
   */
  // deno-lint-ignore require-await -- what it throws must become a rejection
  async exclusive(work, run, options = {}) {
    const directory = directoryOf(this.path);
    this.#makeDirectory();
    return withFileLock(`${directory}/.${this.#name}.${work}.lock`, run, options);
  }
  #parse(text = "") {
    return parseOwnTokens(this.path, text, {
      now: this.#now,
      consumerKey: this.#consumerKey
    });
  }
  /** Whatever else is wrong with the file: another's is not removed. */
  #refuseOthers() {
    try {
      this.#parse(readText(this.path));
    } catch (error) {
      if (error instanceof NotOurs) throw error;
    }
  }
  #load() {
    try {
      return this.#parse(readText(this.path));
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      if (this.#looks) {
        throw new TdauthError("cache_corrupt", `${error.message} (in "${this.path}")`, {
          hint: "restore it from a backup, or log in again: tdauth login",
          cause: error
        });
      }
    }
    using _lock = lockWrites(this.path);
    try {
      return this.#parse(readText(this.path));
    } catch (error) {
      throw isCorrupt(error) ? this.#setAside(error) : error;
    }
  }
  #update(change) {
    this.#makeDirectory();
    updateFile(this.path, (previous = "") => {
      try {
        return formatTokens(change(this.#parse(previous)), previous);
      } catch (error) {
        if (!isCorrupt(error)) throw error;
        this.#setAside(error);
        return formatTokens(change(noTokens()));
      }
    });
  }
  #makeDirectory() {
    makePrivateDirectory(directoryOf(this.path), {
      known: this.#known
    });
    this.#known = true;
  }
  /** Moves a file that is not ours to read out of the way, where a person can look at it. */
  #setAside(error) {
    const time = new Date(this.#now()).toISOString().replace(/[:.]/g, "-");
    const random = crypto.randomUUID().slice(0, 8);
    const aside = `${this.path}.corrupt-${time}-${random}`;
    try {
      Deno.renameSync(this.path, aside);
    } catch (cause) {
      return new TdauthError("cache_corrupt", `${error.message} (in "${this.path}", which could not be set aside: ${reason(cause)})`, {
        hint: "move it away and log in: tdauth login",
        cause: error
      });
    }
    return new TdauthError("cache_corrupt", `${error.message}; the file was set aside as "${aside}"`, {
      hint: "restore it from a backup, or log in again: tdauth login",
      cause: error
    });
  }
};

// ../wt-golden-old/src/cache/mem_cache.ts
init_token();
init_queue();
var count = 0;
var MemCache = class {
  #queue = `mem:${count++}`;
  #tokens = noTokens();
  /** The access token; an absent one has `token === undefined`. */
  get accessToken() {
    return this.#tokens.accessToken;
  }
  set accessToken(accessToken) {
    this.#tokens = {
      ...this.#tokens,
      accessToken
    };
  }
  /** The refresh token; an absent one has `token === undefined`. */
  get refreshToken() {
    return this.#tokens.refreshToken;
  }
  set refreshToken(refreshToken2) {
    this.#tokens = {
      ...withoutMarks(this.#tokens),
      refreshToken: refreshToken2
    };
  }
  /**
   * Gives the tokens as they are now.
   *
   * @returns The tokens; absent ones where there are none.
   */
  load() {
    return Promise.resolve(this.#tokens);
  }
  /**
   * Replaces the tokens.
   *
   * @param tokens The tokens.
   */
  save(tokens) {
    const { journalOnly: _, ...stored } = tokens;
    this.#tokens = stored;
    return Promise.resolve();
  }
  /** Forgets both tokens; takes effect at once, awaited or not. */
  clear() {
    this.#tokens = noTokens();
    return Promise.resolve();
  }
  /**
   * Runs functions of the same kind of work one after the other.
   *
   * @param work The kind of work.
   * @param run What to do.
   * @param options What ends the wait.
   * @returns What `run` gives.
   * @throws {unknown} What `run` throws, or the reason of the signal that ended the wait.
   */
  exclusive(work, run, options = {}) {
    return inTurn(`${this.#queue}:${work}`, run, options);
  }
};

// ../wt-golden-old/src/check_provider.ts
init_errors();

// ../wt-golden-old/src/wrong_number.ts
function wrongNumber(values) {
  for (const name of Object.keys(values)) {
    const value = values[name];
    if (value === void 0) continue;
    if (typeof value !== "number") {
      return {
        name,
        is: value === null ? "null" : `a ${typeof value}`
      };
    }
    if (!Number.isFinite(value) || value < 0) return {
      name,
      is: `${value}`
    };
  }
}

// ../wt-golden-old/src/check_provider.ts
var LEFT_OUT = {
  accessTokenLifetime: "for 300",
  refreshTokenLifetime: "when it is not known",
  "renewal.within": "to ask for a new refresh token at every refresh"
};
function checkProvider(provider) {
  const { accessTokenLifetime, refreshTokenLifetime, renewal } = provider;
  const values = {
    accessTokenLifetime,
    refreshTokenLifetime,
    "renewal.within": renewal?.within
  };
  const wrong = wrongNumber(values);
  if (wrong === void 0) return;
  throw new TdauthError("invalid_options", `Cannot use this provider: its ${wrong.name} is ${wrong.is}`, {
    hint: `give it in seconds, or leave it out ${LEFT_OUT[wrong.name]}`
  });
}

// ../wt-golden-old/src/context.ts
init_config_dir();
init_errors();

// ../wt-golden-old/src/log.ts
var ORDER = [
  "debug",
  "info",
  "warning",
  "error"
];
function stderrLog(least) {
  return (level, message) => {
    if (ORDER.indexOf(level) < ORDER.indexOf(least)) return;
    Deno.stderr.writeSync(new TextEncoder().encode(`tdauth: ${message}
`));
  };
}

// ../wt-golden-old/src/profile_cache.ts
init_atomic_file();

// ../wt-golden-old/src/after.ts
function after(milliseconds, act) {
  const timer = setTimeout(act, milliseconds);
  return () => clearTimeout(timer);
}

// ../wt-golden-old/src/deadline.ts
var SLICE = 1e3;
function deadline(milliseconds, options = {}) {
  const { after: after2 = after, now = () => performance.now() } = options;
  const { reason: reason2 = timeoutError } = options;
  const end = new AbortController();
  let left = milliseconds;
  let spared = false;
  let forget = wait();
  return {
    signal: end.signal,
    [Symbol.dispose]: () => forget()
  };
  function wait() {
    const slice = Math.min(left, SLICE);
    const began = now();
    return after2(slice, () => {
      left -= slice;
      if (left <= 0 && !spared && now() - began > slice + SLICE) {
        spared = true;
        left = SLICE;
      }
      if (left > 0) forget = wait();
      else end.abort(reason2());
    });
  }
}
function timeoutError() {
  return new DOMException("Signal timed out.", "TimeoutError");
}

// ../wt-golden-old/src/cache/with_patience.ts
async function withPatience(cache, work, run, { patience, late, signal }) {
  using limit = deadline(patience * 1e3, {
    reason: late
  });
  return await cache.exclusive(work, () => {
    limit[Symbol.dispose]();
    return run();
  }, {
    signal: signal ? AbortSignal.any([
      signal,
      limit.signal
    ]) : limit.signal
  });
}

// ../wt-golden-old/src/profile_cache.ts
init_errors();
init_sealed_text();
init_token();
var ProfileCache = class {
  /** The absolute path of the file. */
  path;
  #disk;
  /** The file without what may not be used, as the sealed caches see it. */
  #file;
  #options;
  /** By kind, so that a passphrase is asked for once. */
  #keys = /* @__PURE__ */ new Map();
  #sealed = /* @__PURE__ */ new Map();
  /**
   * Makes the cache of a profile.
   *
   * @param disk The file.
   * @param options Where keys come from.
   */
  constructor(disk, options) {
    this.path = disk.path;
    this.#disk = disk;
    this.#file = {
      load: () => this.#stored(),
      save: (tokens) => disk.save(tokens),
      clear: () => disk.clear(),
      exclusive: (work, run, options2) => disk.exclusive(work, run, options2)
    };
    this.#options = options;
  }
  /**
   * Reads the tokens.
   *
   * @throws {TdauthError} `cache_sealed` where they are sealed and the key cannot be had, or are in clear although they are to be sealed.
   */
  async load() {
    const stored = await this.#stored();
    const kind = kindOf(stored);
    return kind === void 0 ? stored : await (await this.#as(kind)).load();
  }
  /** Writes the tokens, sealed where they are or are to be. */
  async save(tokens) {
    const cache = await this.#present();
    await cache.save(tokens);
  }
  /** Forgets both tokens, and their key in the keychain. */
  async clear() {
    const cache = await this.#present().catch(() => this.#disk);
    await cache.clear();
  }
  /** Runs exclusive work, as the file does; for a login the key is found or made first. */
  async exclusive(work, run, options) {
    const cache = work === "login" ? await this.#present() : this.#disk;
    return await cache.exclusive(work, run, options);
  }
  /**
   * Says where the key comes from that the stored tokens are sealed with.
   *
   * @returns The kind of key; `undefined` when they are not sealed.
   */
  async sealedBy() {
    return kindOf(await this.#disk.load());
  }
  /**
   * Seals the stored tokens in another way, or no more. Nobody else refreshes or
   * logs in meanwhile; killed at any moment, it leaves tokens that can be read.
   *
   * @param to Where the new key comes from; `undefined` for tokens in clear.
   * @param remember Writes the choice into the settings. It is called when the
   * tokens are sealed, or before they are in clear: what is sealed is read whatever
   * the settings say, and at no moment are there tokens in clear that should not be.
   * @param patience How long to wait for others, in seconds.
   * @returns Whether the tokens were written anew; not where they were sealed so already.
   * @throws {TdauthError} `cache_sealed` when one of the keys cannot be had;
   * `cache_unreadable` when the file has another name, which would keep the tokens
   * in clear; `busy` when others do not end. Nothing is changed then.
   */
  async reseal(to, remember, patience) {
    const turn = (work, run) => withPatience(this.#disk, work, run, {
      patience,
      late: () => busy(patience)
    });
    return await turn("login", () => turn("refresh", () => this.#reseal(to, remember)));
  }
  async #reseal(to, remember) {
    const before = await this.#disk.load();
    const from = kindOf(before);
    if (from === to && !await this.#isOfOldKey(before)) {
      remember();
      return false;
    }
    if (from === void 0 && hasTokens(before)) {
      (await Promise.resolve().then(() => (init_other_names(), other_names_exports))).refuseOtherNames(this.path);
    }
    const tokens = from === void 0 ? before : await (await this.#as(from)).load();
    const next = new MemCache();
    if (to === void 0) await next.save(tokens);
    else await (await this.#sealedIn(next, to)).save(tokens);
    const after2 = await next.load();
    if (to === void 0) remember();
    try {
      await this.#disk.save(after2);
      if (to !== void 0) await this.#remembered(remember, before);
    } catch (error) {
      const stored = await this.#disk.load().catch(() => after2);
      if (stored.sealed !== after2.sealed) await this.#forget(after2.sealed);
      throw error;
    }
    await this.#forget(before.sealed);
    return true;
  }
  /** Writes the settings; where that fails, the tokens are as they were before. */
  async #remembered(remember, before) {
    try {
      remember();
    } catch (error) {
      await this.#disk.save(before);
      throw error;
    }
  }
  /** Whether the tokens were sealed with a key that is to be replaced. */
  async #isOfOldKey({ sealed }) {
    if (sealed === void 0) return false;
    const { from, parameters } = parseSealed(sealed);
    return await (await this.#key(from)).renews?.(parameters) ?? false;
  }
  /** What is in the file, where it may be used. */
  async #stored() {
    const stored = await this.#disk.load();
    if (stored.sealed !== void 0 || !hasTokens(stored)) return stored;
    const wanted = this.#options.wanted();
    if (wanted === void 0) return stored;
    const again = await this.#disk.load();
    if (again.sealed !== void 0 || !hasTokens(again)) return again;
    throw inClear(wanted);
  }
  /** Lets the keychain forget a key that seals nothing any more; one that stays harms nobody. */
  async #forget(sealed) {
    if (sealed === void 0) return;
    try {
      const { from, parameters } = parseSealed(sealed);
      await (await this.#key(from)).forget?.(parameters);
    } catch {
    }
  }
  /** The cache for the tokens as they are now, and as they are to be written. */
  async #present() {
    let kind;
    try {
      kind = kindOf(await this.#disk.load());
    } catch (error) {
      if (!(error instanceof TdauthError) || error.code !== "cache_corrupt") {
        throw error;
      }
    }
    kind ??= this.#options.wanted();
    return kind === void 0 ? this.#disk : await this.#as(kind);
  }
  #as(kind) {
    let cache = this.#sealed.get(kind);
    if (cache === void 0) {
      this.#sealed.set(kind, cache = this.#sealedIn(this.#file, kind));
    }
    return cache;
  }
  async #sealedIn(inner, kind) {
    const { SealedCache: SealedCache2 } = await Promise.resolve().then(() => (init_sealed_cache(), sealed_cache_exports));
    const { now } = this.#options;
    return new SealedCache2(inner, await this.#key(kind), {
      name: sealName(this.path),
      ...now !== void 0 && {
        now
      }
    });
  }
  #key(kind) {
    let key = this.#keys.get(kind);
    if (key === void 0) {
      const made = async () => {
        const { sealKeyOf: sealKeyOf2 } = await Promise.resolve().then(() => (init_seal_keys(), seal_keys_exports));
        return await sealKeyOf2(kind, this.#options);
      };
      this.#keys.set(kind, key = made());
    }
    return key;
  }
};
function kindOf({ sealed }) {
  return sealed === void 0 ? void 0 : parseSealed(sealed).from;
}
function sealName(path) {
  return path.slice(directoryOf(path).length + 1);
}
function inClear(kind) {
  return new TdauthError("cache_sealed", "Cannot use the stored tokens: they are in clear, and this profile's are sealed", {
    hint: `if you have put them there, seal them: tdauth configure --seal ${kind}; if not, tdauth logout, then tdauth login`
  });
}
function busy(patience) {
  return new TdauthError("busy", `Cannot seal or unseal the tokens: another process has been at them for ${patience} seconds`, {
    hint: "wait for its login, or see whether a tdauth process hangs"
  });
}

// ../wt-golden-old/src/provider_by_name.ts
init_errors();

// ../wt-golden-old/src/loopback.ts
var LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;
function isLoopback(url) {
  return LOOPBACK.test(url.hostname);
}
function secureUrl(text) {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === "https:" || url.protocol === "http:" && isLoopback(url);
}

// ../wt-golden-old/src/providers/schwab.ts
function brokerId(id, options) {
  return options.origin === void 0 ? id : `${id}@${new URL(options.origin).host}`;
}
function schwab(options = {}) {
  const origin = options.origin ?? "https://api.schwabapi.com";
  return {
    id: brokerId("schwab", options),
    name: "Charles Schwab",
    authorizationEndpoint: `${origin}/v1/oauth/authorize`,
    tokenEndpoint: `${origin}/v1/oauth/token`,
    apiOrigin: origin,
    // Schwab compares the decoded header with key:secret; percent-encoding, as RFC 6749 asks, fails.
    clientAuthentication: "client_secret_raw_basic",
    // Schwab's documentation does not mention PKCE, so nobody knows what it does with one.
    pkce: false,
    accessTokenLifetime: 1800,
    // Schwab sends no lifetime; its documentation says seven days, which no refresh prolongs.
    refreshTokenLifetime: 604800,
    refreshTokenLifetimeFrom: "login",
    rotatesRefreshToken: false,
    // Users report that a second login ends the tokens of the first at once.
    loginEndsOthers: true,
    // How Schwab says that a refresh token has expired, or was replaced by a newer login.
    loginNeededErrors: [
      {
        error: "unsupported_token_type",
        description: "refresh"
      },
      {
        error: "refresh_token_authentication_error"
      },
      {
        error: "invalid_client",
        description: "refresh token"
      }
    ],
    httpsCallbackOnly: true,
    troubleHint: 'compare the key and the secret with the developer portal, and check there that the app is "Ready For Use" (a new or changed app can take days) and that its callback URL is the same letter for letter'
  };
}

// ../wt-golden-old/src/providers/td_ameritrade.ts
function tdAmeritrade(options = {}) {
  const { origin } = options;
  return {
    id: brokerId("tdameritrade", options),
    name: "TD Ameritrade",
    authorizationEndpoint: `${origin ?? "https://auth.tdameritrade.com"}/auth`,
    tokenEndpoint: `${origin ?? "https://api.tdameritrade.com"}/v1/oauth2/token`,
    apiOrigin: origin ?? "https://api.tdameritrade.com",
    clientAuthentication: "none",
    pkce: false,
    // Without it the exchange gives an access token alone.
    exchangeParameters: {
      access_type: "offline"
    },
    // It warned users who asked for a new refresh token at every refresh.
    renewal: {
      parameters: {
        access_type: "offline"
      },
      within: 7 * 86400
    },
    consumerKeySuffix: "@AMER.OAUTHAP",
    accessTokenLifetime: 1800,
    refreshTokenLifetime: 7776e3,
    // A new one comes only when it is asked for, and leaves the old one alive.
    rotatesRefreshToken: false,
    ...origin === void 0 && {
      closed: {
        why: "TD Ameritrade closed its API in May 2024",
        hint: "accounts moved to Charles Schwab: register an app at developer.schwab.com, then run tdauth configure --provider schwab"
      }
    }
  };
}

// ../wt-golden-old/src/provider_by_name.ts
var PRESETS = {
  schwab,
  tdameritrade: tdAmeritrade
};
function providerByName(settings, fetcher) {
  const { sandbox, scope } = settings;
  const name = settings.provider ?? (settings.consumerSecret === void 0 ? "tdameritrade" : "schwab");
  if (sandbox !== void 0 && !isSandbox(sandbox)) {
    throw new TdauthError("invalid_options", `Cannot use "${sandbox}" as the practice broker: it is not a URL of this machine`, {
      hint: "tdauth sandbox prints the URL to use"
    });
  }
  const origin = sandbox === void 0 ? {} : {
    origin: new URL(sandbox).origin
  };
  const key = name.toLowerCase();
  const known = Object.hasOwn(PRESETS, key) ? PRESETS[key] : void 0;
  if (known !== void 0) {
    const provider = {
      ...known(origin),
      ...scope !== void 0 && {
        scope
      }
    };
    return {
      id: provider.id,
      name: name.toLowerCase(),
      get: () => Promise.resolve(provider)
    };
  }
  if (!name.includes("://")) {
    throw new TdauthError("invalid_options", `Cannot use "${name}" as the provider: there is none of that name`, {
      hint: 'use "schwab", "tdameritrade" or the URL of an OAuth 2.0 issuer'
    });
  }
  if (!secureUrl(name)) {
    throw new TdauthError("invalid_options", `Cannot use "${name}" as the provider: an issuer's URL begins with https://`, {
      hint: "plain http is allowed for an issuer on this machine alone (127.0.0.1, [::1], localhost)"
    });
  }
  let found;
  return {
    id: name,
    name,
    get: async () => {
      const { discover } = await import("./providers/discovered.ts");
      found ??= discover(name, {
        ...scope !== void 0 && {
          scope
        },
        ...fetcher && {
          fetch: fetcher
        }
      });
      try {
        return await found;
      } catch (error) {
        found = void 0;
        throw error;
      }
    }
  };
}
function isSandbox(text) {
  return secureUrl(text) && new URL(text).protocol === "http:";
}

// ../wt-golden-old/src/settings/config_file.ts
init_errors();
function configPath(configDir) {
  return `${configDir}/config.json`;
}
function readConfig(configDir) {
  const path = configPath(configDir);
  let text;
  try {
    text = Deno.readTextFileSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return {
      profiles: {}
    };
    if (cause instanceof Deno.errors.NotCapable) {
      throw new TdauthError("invalid_options", `Cannot read the settings in "${path}": the runtime does not allow it (--allow-read)`, {
        hint: "name another directory with TD_CONFIG_DIR; in a script of your own, run it with --allow-read, or give consumerKey, callbackUrl and storeTokens: false in the call",
        cause
      });
    }
    if (cause instanceof Deno.errors.NotADirectory || // Some systems have no name of its own for it.
    cause instanceof Error && /not a directory/i.test(cause.message)) {
      throw new TdauthError("invalid_options", `Cannot read the settings in "${path}": "${configDir}" is not a directory`, {
        hint: "name another one with TD_CONFIG_DIR or --config-dir",
        cause
      });
    }
    throw bad(path, cause instanceof Error ? cause.message.replace(/\s*\(os error.*$/s, "") : String(cause));
  }
  let file;
  try {
    file = JSON.parse(text);
  } catch {
    throw bad(path, "it is not JSON");
  }
  if (!isObject4(file)) throw bad(path, "it is not a JSON object");
  const profiles = file["profiles"] ?? {};
  if (!isObject4(profiles)) throw bad(path, '"profiles" is not an object');
  for (const [name, profile] of Object.entries(profiles)) {
    if (!isObject4(profile)) {
      throw bad(path, `the profile "${name}" is not an object`);
    }
    for (const [key, value] of Object.entries(profile)) {
      if (typeof value !== "string") {
        throw bad(path, `"${key}" of the profile "${name}" is not a text`);
      }
    }
  }
  return {
    ...file,
    profiles
  };
}
function isObject4(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function bad(path, why) {
  return new TdauthError("invalid_options", `Cannot read the settings in "${path}": ${why}`, {
    hint: "mend the file, or move it away and run tdauth configure"
  });
}

// ../wt-golden-old/src/settings/dotenv_trust.ts
init_errors();

// ../wt-golden-old/src/settings/setting_table.ts
var KEY_FILES = {
  chooses: "which files hold certificates and private keys"
};
var SECRETS_TO = "where secrets are sent";
var SETTINGS = {
  profile: {
    variable: "TD_PROFILE",
    flag: "--profile",
    inProfile: false,
    help: "Which set of settings and tokens to use. Default: default.",
    trust: "anywhere"
  },
  configDir: {
    variable: "TD_CONFIG_DIR",
    flag: "--config-dir",
    inProfile: false,
    isPath: true,
    help: "The directory of the settings and tokens.",
    trust: {
      chooses: "where settings and tokens are"
    }
  },
  storeTokens: {
    variable: "TD_STORE_TOKENS",
    inProfile: false,
    help: "False keeps tokens in memory alone; each program then needs a login of its own.",
    trust: "anywhere"
  },
  logLevel: {
    variable: "TD_LOG_LEVEL",
    inProfile: false,
    help: "debug, info, warning or error.",
    trust: "anywhere"
  },
  provider: {
    variable: "TD_PROVIDER",
    flag: "--provider",
    inProfile: true,
    help: "schwab, tdameritrade or an issuer's URL.",
    trust: {
      chooses: SECRETS_TO,
      harmless: {
        what: "a preset's name",
        is: (value) => !value.includes("://")
      }
    }
  },
  consumerKey: {
    variable: "TD_CONSUMER_KEY",
    flag: "--consumer-key",
    inProfile: true,
    help: "The app's key, its OAuth client id.",
    trust: "anywhere"
  },
  consumerSecret: {
    variable: "TD_CONSUMER_SECRET",
    inProfile: true,
    help: "The app's secret. No flag takes it: every user of the machine can see a program's arguments.",
    trust: "anywhere"
  },
  callbackUrl: {
    variable: "TD_CALLBACK_URL",
    flag: "--callback-url",
    inProfile: true,
    // The code would be sent there: with an app of theirs, and the user's consent, it is their login.
    help: "The callback URL, letter for letter as it is registered with the broker.",
    trust: {
      chooses: SECRETS_TO,
      harmless: {
        what: "a URL of this machine",
        is: isLocal
      }
    }
  },
  scope: {
    variable: "TD_SCOPE",
    flag: "--scope",
    inProfile: true,
    help: "The scope to ask for.",
    trust: "anywhere"
  },
  sandbox: {
    variable: "TD_SANDBOX",
    flag: "--sandbox",
    inProfile: true,
    help: "The URL of a running practice broker, used in place of the broker.",
    trust: {
      chooses: SECRETS_TO
    }
  },
  certFile: {
    variable: "TD_CERT_FILE",
    flag: "--cert-file",
    inProfile: true,
    isPath: true,
    help: "A TLS certificate of your own for an https callback.",
    trust: KEY_FILES
  },
  keyFile: {
    variable: "TD_KEY_FILE",
    flag: "--key-file",
    inProfile: true,
    isPath: true,
    help: "Its private key.",
    trust: KEY_FILES
  }
};
var SETTING_NAMES = Object.keys(SETTINGS);
var SEALS = {
  chooses: "what tokens are sealed with"
};
var OF_THE_ENVIRONMENT = {
  TD_CACHE_PASSPHRASE: {
    help: "What sealed tokens are opened with, so that you are not asked.",
    trust: SEALS
  },
  TD_CACHE_KEY: {
    help: "The key of tokens that are sealed by key: 32 bytes in Base64, and old keys after it.",
    trust: SEALS
  }
};
function settingRow(name) {
  return SETTINGS[name];
}
function isLocal(url) {
  return /^https?:\/\/[^\\]*$/i.test(url) && URL.canParse(url) && isLoopback(new URL(url));
}

// ../wt-golden-old/src/settings/dotenv_trust.ts
function refuseFromDotenv(name, value) {
  const { variable, flag, inProfile, trust } = settingRow(name);
  if (trust === "anywhere" || trust.harmless?.is(value)) return;
  const others = [
    ...flag === void 0 ? [] : [
      `give ${flag}`
    ],
    ...inProfile ? [
      "run tdauth configure"
    ] : []
  ];
  throw refused(variable, trust.chooses, others);
}
function refuseKeys(dotenv, env) {
  for (const [variable, { trust }] of Object.entries(OF_THE_ENVIRONMENT)) {
    if (dotenv[variable] === void 0 || env(variable) !== void 0) continue;
    throw refused(variable, trust.chooses, []);
  }
}
function profileNote({ profile, sources }) {
  if (sources.profile !== ".env") return void 0;
  return `using the profile "${profile}", which TD_PROFILE in .env names`;
}
function refused(variable, chooses, others) {
  const also = others.map((other) => `, or ${other}`).join("");
  return new TdauthError("invalid_options", `Cannot take ${variable} from .env: a file in the working directory may not choose ${chooses}`, {
    hint: `set ${variable} in the environment${also}; then remove the line from .env`
  });
}

// ../wt-golden-old/src/settings/settings.ts
init_config_dir();
init_errors();
init_shell_word();

// ../wt-golden-old/src/settings/profile_name.ts
function isProfileName(name) {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(name) && name !== "__proto__";
}

// ../wt-golden-old/src/settings/dotenv.ts
function readDotenv() {
  let text = "";
  try {
    text = Deno.readTextFileSync(".env");
  } catch {
  }
  return Promise.resolve(text.includes("TD_") ? parseDotenv(text) : {});
}
var ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?(TD_\w+)[ \t]*=[ \t]*(?:"([^"]*)"|'([^']*)'|`([^`]*)`|(["'`][^\n]*)|([^\n#]*))/gm;
function parseDotenv(text) {
  const variables = {};
  for (const [, name = "", double, single, back, open2, plain = ""] of text.replace(/^\uFEFF/, "").replaceAll(/\r\n?/g, "\n").matchAll(ASSIGNMENT)) {
    const value = double?.replaceAll("\\n", "\n") ?? single ?? back ?? (open2 ?? plain).trim();
    if (value === "") delete variables[name];
    else variables[name] = value;
  }
  return variables;
}

// ../wt-golden-old/src/settings/settings.ts
var LEVELS = [
  "debug",
  "info",
  "warning",
  "error"
];
var CONTROLS = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
async function resolveSettings(options = {}) {
  const env = options.env ?? realEnv;
  const given = options.given ?? {};
  const sources = {};
  const dotenv = await (options.dotenv ?? readDotenv)();
  let config = {};
  let names = [];
  let seal;
  const find = (name) => {
    const { variable, inProfile } = settingRow(name);
    let source = options.givenAs ?? "call";
    let value = given[name];
    if (value === void 0) {
      source = "environment";
      value = env(variable);
    }
    if (value === void 0) {
      source = ".env";
      value = dotenv[variable];
    }
    if (value === void 0 && inProfile) {
      source = "config.json";
      value = config[name];
    }
    if (value === void 0) return void 0;
    sources[name] = source;
    const text = value.trim();
    if (CONTROLS.test(text)) throw controls(name, source);
    if (source === ".env") refuseFromDotenv(name, text);
    if (source === "environment") refuseRelative(name, text);
    return text;
  };
  refuseKeys(dotenv, env);
  const profile = find("profile") ?? "default";
  if (!isProfileName(profile)) {
    throw bad2("profile", profile, "a name has letters, digits, dots, dashes and underscores, 64 at most");
  }
  const storeTokens2 = parseBoolean(find("storeTokens"));
  const logLevel = parseLogLevel(find("logLevel"));
  const namedDir = find("configDir");
  const configDir = lazily(() => absolute(namedDir, env) ?? platformConfigDir(env) ?? noHome());
  const consumerKey = find("consumerKey");
  const everything = given.consumerKey !== void 0 && given.callbackUrl !== void 0 && (!storeTokens2 || options.ownCache === true);
  if (!everything) {
    const { profiles } = readConfig(configDir());
    names = Object.keys(profiles);
    const saved = Object.hasOwn(profiles, profile) ? profiles[profile] ?? {} : {};
    seal = checkedSeal(saved.seal);
    const same = consumerKey === void 0 || saved.consumerKey === void 0 || saved.consumerKey === consumerKey;
    if (same) config = saved;
  }
  const found = {};
  for (const name of SETTING_NAMES) {
    const { inProfile, isPath } = settingRow(name);
    if (!inProfile) continue;
    const value = find(name);
    if (value === void 0 || value === "") continue;
    found[name] = isPath ? absolute(value, env) ?? value : value;
  }
  refuseOtherBroker(found, config, sources);
  return {
    ...found,
    ...seal !== void 0 && {
      seal
    },
    profile,
    storeTokens: storeTokens2,
    logLevel,
    sources,
    profiles: names,
    get configDir() {
      return configDir();
    }
  };
}
function refuseOtherBroker({ provider, consumerSecret }, saved, sources) {
  if (sources.provider !== ".env" || sources.consumerSecret === ".env") return;
  const same = saved.provider?.toLowerCase() === provider?.toLowerCase();
  if (consumerSecret === void 0 || saved.provider === void 0 || same) {
    return;
  }
  throw new TdauthError("invalid_options", `Cannot take TD_PROVIDER from .env: the secret of your app at ${saved.provider} would be sent to ${provider}`, {
    hint: "remove the line from .env, give --provider, or keep the other app in a profile of its own: tdauth configure --profile NAME"
  });
}
function refuseRelative(name, path) {
  const { isPath, variable } = settingRow(name);
  if (!isPath || path === "" || isAbsolute(path) || /^~(\/|$)/.test(path)) {
    return;
  }
  throw new TdauthError("invalid_options", `Cannot use "${path}" as ${name} (${variable}): a relative path is another place in every folder`, {
    hint: `give the whole path: ${variable}=${shellWord(fromHere(path))}`
  });
}
function noHome() {
  const name = Deno.build.os === "windows" ? "APPDATA" : "HOME";
  const { state } = Deno.permissions.querySync({
    name: "env",
    variable: name
  });
  if (state !== "granted") {
    throw new TdauthError("invalid_options", "Cannot find the configuration directory: this script may not read the environment (--allow-env)", {
      hint: "run it with --allow-env, or give configDir in the call"
    });
  }
  throw new TdauthError("invalid_options", `Cannot find the configuration directory: ${name} is not set to an absolute path`, {
    hint: `set ${name}, or name a directory with --config-dir or TD_CONFIG_DIR`
  });
}
function checkedSeal(seal) {
  if (seal === void 0 || seal === "keychain" || seal === "passphrase" || seal === "key") return seal;
  throw new TdauthError("invalid_options", `Cannot use "${seal}" as "seal" in config.json: it is keychain, passphrase or key`, {
    hint: "set it: tdauth configure --seal keychain"
  });
}
function parseBoolean(text) {
  if (text === void 0 || /^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  throw bad2("storeTokens", text, "it is True or False");
}
function parseLogLevel(text) {
  if (text === void 0) return "info";
  const level = text.toLowerCase().replace(/^warn$/, "warning");
  if (LEVELS.some((known) => known === level)) return level;
  throw bad2("logLevel", level, "it is debug, info, warning or error");
}
function absolute(path, env) {
  if (path === void 0 || path === "") return void 0;
  if (path === "~" || path.startsWith("~/")) {
    const home = env("HOME");
    return home === void 0 ? void 0 : `${home}${path.slice(1)}`;
  }
  return isAbsolute(path) ? path : fromHere(path);
}
function fromHere(path) {
  return `${Deno.cwd()}/${path.replace(/^\.\//, "")}`;
}
function lazily(make) {
  let made;
  return () => (made ??= {
    value: make()
  }).value;
}
function controls(name, source) {
  return new TdauthError("invalid_options", `Cannot use ${name} (${SETTINGS[name].variable}, from ${source}): there are control characters in it`, {
    hint: "give it again without them"
  });
}
function bad2(name, value, why) {
  return new TdauthError("invalid_options", `Cannot use "${value}" as ${name} (${SETTINGS[name].variable}): ${why}`, {
    hint: "give another value, or leave it out for the default"
  });
}

// ../wt-golden-old/src/context.ts
var memory = /* @__PURE__ */ new Map();
async function prepare(options, where = {}) {
  const { provider: given, storeTokens: storeTokens2, ...rest } = options;
  if (typeof given === "object") checkProvider(given);
  const settings = await resolveSettings({
    ...where,
    ownCache: options.cache !== void 0,
    given: {
      ...where.given,
      ...texts(rest),
      ...typeof given === "string" && {
        provider: given
      },
      ...storeTokens2 !== void 0 && {
        storeTokens: String(storeTokens2)
      }
    }
  });
  const log = options.log ?? stderrLog(settings.logLevel);
  const note = profileNote(settings);
  if (note !== void 0) {
    (options.log ?? stderrLog("warning"))("warning", note);
  }
  const { consumerKey, consumerSecret } = settings;
  if (consumerKey === void 0) {
    const { profile, profiles } = settings;
    if (profile !== "default" && !profiles.includes(profile)) {
      throw new TdauthError("invalid_options", `Cannot authorize: there is no profile "${profile}" (there is ${profiles.join(", ") || "none at all"})`, {
        hint: `make it: tdauth configure --profile ${profile}`
      });
    }
    throw new TdauthError("invalid_options", "Cannot authorize: there is no consumer key", {
      hint: "run tdauth configure, or set TD_CONSUMER_KEY (the app key of the developer portal)"
    });
  }
  const provider = typeof given === "object" ? {
    id: given.id,
    name: given.id,
    get: () => Promise.resolve(withScope(given, settings.scope))
  } : providerByName(settings, options.fetch);
  const app = {
    consumerKey,
    ...consumerSecret !== void 0 && {
      consumerSecret
    }
  };
  return {
    options,
    settings,
    provider,
    app,
    cache: options.cache ?? cacheOf(settings, provider, app, where, options.now),
    log
  };
}
function texts(options) {
  return Object.fromEntries(Object.entries(options).filter((entry2) => typeof entry2[1] === "string"));
}
function cacheOf(settings, provider, app, where, now) {
  if (settings.storeTokens) {
    const name = tokenFileName(app.consumerKey, settings.profile);
    const { env, askPassphrase, passphraseUsed } = where;
    const clock = now === void 0 ? {} : {
      now
    };
    const disk = new DiskCache(settings.configDir, name, {
      ...clock,
      open: where.lookOnly ? "look" : "protect",
      consumerKey: app.consumerKey
    });
    return new ProfileCache(disk, {
      ...clock,
      ...env && {
        env
      },
      ...askPassphrase && {
        askPassphrase
      },
      ...passphraseUsed && {
        passphraseUsed
      },
      wanted: () => sealNow(settings)
    });
  }
  const key = JSON.stringify([
    settings.profile,
    provider.id,
    settings.sandbox,
    app.consumerKey
  ]);
  let cache = memory.get(key);
  if (cache === void 0) memory.set(key, cache = new MemCache());
  return cache;
}
function sealNow({ configDir, profile, seal }) {
  try {
    const { profiles } = readConfig(configDir);
    return Object.hasOwn(profiles, profile) ? profiles[profile]?.seal : seal;
  } catch {
    return seal;
  }
}
function withScope(provider, scope) {
  return scope === void 0 ? provider : {
    ...provider,
    scope
  };
}
async function certificate(settings, now) {
  const { callbackCertificate: callbackCertificate2, readCertificate: readCertificate2 } = await Promise.resolve().then(() => (init_certificate(), certificate_exports));
  const { certFile, keyFile } = settings;
  if (certFile !== void 0 && keyFile !== void 0) {
    return await readCertificate2(certFile, keyFile);
  }
  if (certFile !== void 0 || keyFile !== void 0) {
    throw new TdauthError("invalid_options", "Cannot use a certificate of your own: it takes certFile and keyFile", {
      hint: "set both TD_CERT_FILE and TD_KEY_FILE, or neither"
    });
  }
  return await callbackCertificate2(settings.configDir, now === void 0 ? {} : {
    now
  });
}

// ../wt-golden-old/src/authorization.ts
init_errors();
init_token();
var Authorization = class {
  #parts;
  #tokens;
  /**
   * Puts an authorization together; `authorize()` does it for you.
   *
   * @param parts How it gets its tokens.
   */
  constructor(parts) {
    this.#parts = parts;
    this.#tokens = parts.tokens;
  }
  /** The access token as last seen; {@linkcode Authorization.token} refreshes it when need be. */
  get accessToken() {
    return this.#tokens.accessToken;
  }
  /** The refresh token as last seen. */
  get refreshToken() {
    return this.#tokens.refreshToken;
  }
  /** When the user last logged in, in seconds since the epoch, where known. */
  get loginTime() {
    return this.#tokens.loginTime;
  }
  /** The granted scope, where the broker says. */
  get scope() {
    return this.#tokens.scope;
  }
  /**
   * Gives an access token that is valid now, refreshed when need be or taken from
   * the cache when another program refreshed it.
   *
   * @returns The token's value.
   * @throws {TdauthError} `login_needed`, `broker_unavailable` and the like when there is none to be had.
   */
  async token() {
    const { minValid, refresh: refresh2 } = this.#parts;
    if (!(this.accessToken.remaining > minValid)) {
      try {
        this.#tokens = await refresh2((stored) => stored.accessToken.remaining > minValid);
      } catch (error) {
        if (!isPassing(error) || !this.accessToken.valid) throw error;
      }
    }
    return String(this.accessToken);
  }
  /**
   * Gets a new access token now, even when the present one is valid.
   *
   * @returns The new token.
   * @throws {TdauthError} `login_needed` when the broker does not take the refresh token any more;
   * `broker_unavailable` and the like when it cannot be asked. The stored tokens are then as they were.
   */
  async refresh() {
    await this.#replace(this.accessToken.token);
    return this.accessToken;
  }
  /**
   * Sends a request to the broker's API with the access token. The token is
   * refreshed beforehand when it is about to expire, and once more when the
   * answer is 401, unless another request has brought a new one since this one
   * was sent; that answer is given where a login is needed. Redirects are not followed: the answer that asks for one is returned.
   *
   * @param input A URL of the provider's API origin, a path on it, or a `Request`.
   * @param init As for the global `fetch`.
   * @returns The answer.
   * @throws {TdauthError} `forbidden_origin` when the URL is of another origin;
   * `login_needed` and the like when there is no token to be had; `broker_unavailable`
   * and `busy` also when the API refused a token and no new one could be had for now.
   * @throws {TypeError} When the API cannot be reached, as from the global `fetch`.
   */
  async fetch(input, init) {
    const request2 = await this.#request(input, init);
    const retry = request2.clone();
    const sent = await this.token();
    const response = await this.#send(request2, sent);
    if (response.status !== 401) {
      await retry.body?.cancel();
      return response;
    }
    try {
      await this.#replace(sent);
    } catch (error) {
      await retry.body?.cancel();
      if (!isPassing(error)) return response;
      await response.body?.cancel();
      throw error;
    }
    await response.body?.cancel();
    return this.#send(retry, await this.token());
  }
  /**
   * Ends the authorization: revokes the tokens where the broker can, and empties
   * the cache even when that fails.
   *
   * @throws {TdauthError} When the tokens could not be revoked; the cache is empty all the same.
   */
  async logout() {
    try {
      await this.#parts.logout();
    } finally {
      this.#tokens = noTokens();
    }
  }
  /** What `JSON.stringify` shows: times, no tokens. */
  toJSON() {
    const { accessToken, refreshToken: refreshToken2, loginTime, scope } = this;
    return {
      accessToken,
      refreshToken: refreshToken2,
      loginTime,
      scope
    };
  }
  async #request(input, init) {
    const origin = await this.#parts.apiOrigin();
    const target = input instanceof Request ? input.url : String(input);
    const url = URL.canParse(target, origin) ? new URL(target, origin) : void 0;
    if (origin === void 0 || url?.origin !== new URL(origin).origin) {
      throw new TdauthError("forbidden_origin", `Cannot fetch ${url === void 0 ? `"${target}"` : url.origin === "null" ? `a "${url.protocol}" URL` : url.origin} with the access token: ${origin === void 0 ? "the provider has no API origin" : `it goes to ${origin} alone`}`, {
        hint: "use the global fetch for other origins, or a provider whose apiOrigin is this one"
      });
    }
    return new Request(input instanceof Request ? input : url, {
      ...init,
      redirect: "manual"
    });
  }
  /**
   * Gets another access token than one that was refused: what is here or in the
   * cache by now, else a new one. Of requests whose 401s come one after another
   * only the first so causes a refresh.
   */
  async #replace(refused3) {
    const { minValid } = this.#parts;
    const isOther = ({ accessToken: { token, remaining, expiresIn } }) => token !== refused3 && remaining > Math.min(minValid, expiresIn / 2);
    if (isOther(this.#tokens)) return;
    this.#tokens = await this.#parts.refresh(isOther);
  }
  async #send(request2, token) {
    const headers = new Headers(request2.headers);
    headers.set("authorization", `Bearer ${token}`);
    return await this.#parts.fetch(new Request(request2, {
      headers
    }));
  }
};

// ../wt-golden-old/src/cache/without_turn.ts
init_errors();
async function storeTokens(cache, tokens) {
  const store2 = () => cache.save(tokens);
  await inTurnOr(cache, store2, store2);
}
async function inTurnOr(cache, run, otherwise, signal) {
  let began = false;
  try {
    return await cache.exclusive("refresh", () => {
      began = true;
      return run();
    }, signal === void 0 ? {} : {
      signal
    });
  } catch (error) {
    const noTurn = !began && !signal?.aborted && error instanceof TdauthError;
    if (noTurn) return await otherwise(error);
    throw error;
  }
}

// ../wt-golden-old/src/authorize.ts
init_config_dir();
init_errors();

// ../wt-golden-old/src/protocol/protocol.ts
import * as oauth2 from "oauth4webapi";

// ../wt-golden-old/src/protocol/client.ts
init_errors();
import { ClientSecretBasic, ClientSecretPost, None } from "oauth4webapi";
function clientId(provider, consumerKey) {
  const suffix = provider.consumerKeySuffix ?? "";
  return consumerKey.toUpperCase().endsWith(suffix.toUpperCase()) ? consumerKey : consumerKey + suffix;
}
function checkClient(provider, app) {
  const needsSecret = provider.clientAuthentication === "client_secret_raw_basic";
  if (!needsSecret || app.consumerSecret !== void 0) return;
  throw new TdauthError("invalid_options", `Cannot use ${provider.name}: there is no consumer secret`, {
    hint: "set TD_CONSUMER_SECRET, or run tdauth configure"
  });
}
function clientAuthentication(provider, app) {
  checkClient(provider, app);
  const secret = app.consumerSecret;
  const way = provider.clientAuthentication ?? "client_secret_basic";
  if (way === "none" || secret === void 0) return None();
  if (way === "client_secret_post") return ClientSecretPost(secret);
  if (way === "client_secret_basic") return ClientSecretBasic(secret);
  return (_as, client, _body, headers) => {
    headers.set("authorization", `Basic ${base64(`${client.client_id}:${secret}`)}`);
  };
}
function clientSecrets(provider, app) {
  const { consumerKey } = app;
  const secret = app.consumerSecret?.toWellFormed();
  if (secret === void 0) return [];
  const id = clientId(provider, consumerKey);
  return [
    secret,
    encodeURIComponent(secret),
    base64(`${id}:${secret}`),
    base64(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)
  ];
}
function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

// ../wt-golden-old/src/protocol/broker_error.ts
import { AuthorizationResponseError, OperationProcessingError, ResponseBodyError } from "oauth4webapi";

// ../wt-golden-old/src/protocol/broker_fetch.ts
init_errors();

// ../wt-golden-old/src/network.ts
var LONGEST_ANSWER = 1048576;
async function limitedText(response) {
  const parts = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > LONGEST_ANSWER) return void 0;
    parts.push(part);
  }
  return await new Blob(parts).text();
}
function networkReason(error) {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return "it did not answer in time";
  }
  const message = error instanceof Error ? `${error.message} ${error.cause ?? ""}` : "";
  if (/certificate|tls|ssl/i.test(message)) {
    return "its TLS certificate is not trusted on this machine";
  }
  if (/dns|lookup|resolve/i.test(message)) {
    return "its name could not be looked up: is the network up?";
  }
  if (/refused/i.test(message)) return "it refused the connection";
  return "the connection failed or was cut";
}

// ../wt-golden-old/src/protocol/broker_fetch.ts
var PassingError = class extends Error {
  /** The HTTP status, or `undefined` when there was no answer. */
  status;
  /** How long to wait, in seconds, where the answer says (RFC 9110 §10.2.3). */
  retryAfter;
  /** Whether the request went out and the connection was cut before its answer was whole. */
  lost;
  /** Whether the request never went out. */
  unsent;
  /** Whether the wait for an answer ended: the request may have gone out, and the answer be on its way. */
  late;
  /**
   * @param message What happened.
   * @param about The status, the seconds to wait, and how far the request came.
   */
  constructor(message, about = {}) {
    super(message);
    this.status = about.status;
    this.retryAfter = about.retryAfter;
    this.lost = about.lost ?? false;
    this.unsent = about.unsent ?? false;
    this.late = about.late ?? false;
  }
};
var StrangeAnswer = class extends Error {
  /** The HTTP status. */
  status;
  /**
   * @param status The HTTP status.
   * @param message What is wrong with it, never the answer itself.
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
};
function brokerFetch(provider, fetcher, timeout) {
  return async (url, init) => {
    let response;
    let text;
    using limit = deadline(timeout);
    const signal = init.signal ? AbortSignal.any([
      init.signal,
      limit.signal
    ]) : limit.signal;
    try {
      response = await fetcher(url, {
        ...init,
        signal,
        redirect: "manual"
      });
      const whole = isPassing2(response.status) ? "" : await limitedText(response);
      if (whole === void 0) {
        throw new StrangeAnswer(response.status, "its answer is over 1 MiB long");
      }
      text = whole;
    } catch (error) {
      if (error instanceof StrangeAnswer) throw error;
      if (error instanceof Deno.errors.NotCapable) {
        throw new TdauthError("invalid_options", `Cannot reach ${provider.name}: this script was not given the permission (--allow-net)`, {
          hint: "run it with --allow-net",
          cause: error
        });
      }
      throw new PassingError(networkReason(error), {
        lost: matches(error, AFTER_REQUEST),
        unsent: matches(error, BEFORE_REQUEST),
        late: error instanceof DOMException && error.name === "TimeoutError"
      });
    }
    const { status } = response;
    if (isPassing2(status)) {
      response.body?.cancel().catch(() => {
      });
      const seconds3 = retryAfter(response);
      throw new PassingError(`it answered ${status}`, {
        status,
        ...seconds3 !== void 0 && {
          retryAfter: seconds3
        }
      });
    }
    if (status >= 300 && status < 400) {
      throw new StrangeAnswer(status, `it answered with a redirect (${status})`);
    }
    const json = parseObject2(text);
    if (url === provider.revocationEndpoint && response.ok) {
      return new Response(null, {
        status: 200
      });
    }
    if (json === void 0) {
      const kind = /^\s*</.test(text) ? "a web page" : text.trim() === "" ? "nothing" : "something that is not JSON";
      throw new StrangeAnswer(status, `it answered ${status} with ${kind}`);
    }
    const failed = typeof json["error"] === "string" && typeof json["access_token"] !== "string";
    const token = json["access_token"];
    if (response.ok && typeof token === "string" && /[^\x20-\x7e]/.test(token)) {
      throw new StrangeAnswer(status, "its access token has characters that no token may have");
    }
    return Response.json(response.ok && !failed ? regular(json) : json, {
      status: failed && response.ok ? 400 : response.ok ? 200 : status
    });
  };
}
function isPassing2(status) {
  return status === 429 || status >= 500;
}
function regular(json) {
  const { id_token: _, expires_in, refresh_token, scope, refresh_token_expires_in, ...rest } = json;
  return {
    ...rest,
    token_type: typeof json["token_type"] === "string" ? json["token_type"] : "Bearer",
    expires_in: seconds2(expires_in),
    refresh_token: typeof refresh_token === "string" && refresh_token !== "" ? refresh_token : void 0,
    refresh_token_expires_in: seconds2(refresh_token_expires_in),
    scope: Array.isArray(scope) ? scope.join(" ") : typeof scope === "string" ? scope : void 0
  };
}
function seconds2(value) {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? Math.max(0, number) : void 0;
}
function retryAfter(response) {
  const value = response.headers.get("retry-after");
  if (value === null) return void 0;
  const number = Number(value);
  const left = Number.isFinite(number) ? number : (Date.parse(value) - Date.now()) / 1e3;
  return Number.isFinite(left) ? Math.max(0, left) : void 0;
}
function parseObject2(text) {
  try {
    const value = JSON.parse(text.replace(/^\uFEFF/, ""));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : void 0;
  } catch {
    return void 0;
  }
}
var AFTER_REQUEST = /SendRequest|closed before message|reading a body|connection reset|broken pipe|unexpected end of file/i;
var BEFORE_REQUEST = /\(Connect\)|dns error|refused/i;
function matches(error, words) {
  return error instanceof Error && words.test(`${error.message} ${error.cause ?? ""}`);
}

// ../wt-golden-old/src/protocol/broker_error.ts
init_errors();
var WHAT = {
  exchange: "log in to",
  refresh: "refresh the access token of",
  revocation: "revoke the tokens at"
};
var ENDPOINTS = "check the provider's endpoints; --verbose tells the causes";
function brokerError(provider, step, error, secrets) {
  if (error instanceof TdauthError) return error;
  const make = (code, why, hint) => new TdauthError(code, `Cannot ${WHAT[step]} ${provider.name}: ${why}`, {
    ...hint !== void 0 && {
      hint
    },
    ...error instanceof PassingError && {
      cause: error
    }
  });
  const trouble = provider.troubleHint;
  if (error instanceof PassingError) {
    return make("broker_unavailable", error.message, /certificate/.test(error.message) ? "check the clock, or name your proxy's root with DENO_CERT or DENO_TLS_CA_STORE=system; stored tokens are kept" : "try again later; stored tokens are kept");
  }
  if (error instanceof StrangeAnswer) {
    return make("unexpected_answer", error.message, trouble ?? ENDPOINTS);
  }
  if (error instanceof AuthorizationResponseError) {
    const why = describe(error.error, error.error_description, secrets);
    return error.error === "access_denied" ? make("login_denied", `access was denied (${why})`, "log in again and allow the access: tdauth login") : error.error === "temporarily_unavailable" || error.error === "server_error" ? make("broker_unavailable", why, "try again later") : make("login_failed", why, trouble ?? "log in again: tdauth login");
  }
  if (error instanceof ResponseBodyError) {
    return fromBody(provider, step, error, secrets, make);
  }
  if (error instanceof OperationProcessingError) {
    const why = clean(error.message, secrets);
    return step === "exchange" && /"(iss|state|response)"|parameters/.test(why) ? make("login_failed", why, "log in again: tdauth login") : make("unexpected_answer", why, trouble ?? ENDPOINTS);
  }
  return make("unexpected_answer", clean(error instanceof Error ? error.message : String(error), secrets), trouble ?? ENDPOINTS);
}
function fromBody(provider, step, error, secrets, make) {
  const said = error.error_description;
  const description = typeof said === "string" ? said : "";
  const why = describe(error.error, description, secrets);
  const refreshTokenDied = error.error === "invalid_grant" || provider.loginNeededErrors?.some((known) => known.error === error.error && description.toLowerCase().includes((known.description ?? "").toLowerCase()));
  if (step === "refresh" && refreshTokenDied) {
    return make("login_needed", `the refresh token has expired, was revoked, or was replaced by a newer login (${why})`, "log in again: tdauth login");
  }
  if (step === "exchange" && error.error === "invalid_grant") {
    return make("login_failed", `the authorization code is too old, was used already, or belongs to another callback URL (${why})`, "log in again and, when you paste the URL, do it within 30 seconds");
  }
  if (error.status === 401 || /^(invalid_client|unauthorized_client)$/.test(error.error)) {
    return make("invalid_client", `the consumer key or secret is wrong, or the app is not ready (${why})`, provider.troubleHint ?? "compare them with the developer portal, then run tdauth configure");
  }
  return make("unexpected_answer", `it answered ${error.status} (${why})`, provider.troubleHint ?? ENDPOINTS);
}
function describe(error, description, secrets) {
  return clean(description ? `${error}: ${description}` : error, secrets);
}
function clean(text, secrets) {
  let cleaned = text;
  for (const secret of secrets.flatMap(forms)) {
    cleaned = cleaned.replaceAll(secret, "[redacted]");
  }
  cleaned = cleaned.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return cleaned.length > 200 ? `${cleaned.slice(0, 199)}\u2026` : cleaned;
}
function forms(secret) {
  if (!secret) return [];
  const form = new URLSearchParams({
    _: secret
  }).toString().slice(2);
  return [
    secret,
    form,
    encodeURIComponent(secret.toWellFormed())
  ];
}

// ../wt-golden-old/src/protocol/protocol.ts
init_errors();

// ../wt-golden-old/src/protocol/request_parts.ts
import * as oauth from "oauth4webapi";
var TIMEOUT = 1e4;
var ROTATION_TIMEOUT = 6e4;
function requestParts(provider, app, options) {
  const endpoint = new URL(provider.tokenEndpoint);
  const as = {
    issuer: provider.issuer ?? endpoint.origin,
    token_endpoint: provider.tokenEndpoint,
    ...provider.revocationEndpoint !== void 0 && {
      revocation_endpoint: provider.revocationEndpoint
    },
    authorization_response_iss_parameter_supported: provider.issInResponse === true
  };
  const rotates = options.refreshes === true && provider.rotatesRefreshToken !== false;
  return {
    as,
    client: {
      client_id: clientId(provider, app.consumerKey)
    },
    authentication: clientAuthentication(provider, app),
    edges: {
      [oauth.customFetch]: brokerFetch(provider, options.fetch ?? fetch, rotates ? ROTATION_TIMEOUT : TIMEOUT),
      [oauth.allowInsecureRequests]: isLoopback(endpoint),
      ...options.signal && {
        signal: options.signal
      }
    }
  };
}

// ../wt-golden-old/src/protocol/protocol.ts
function refreshGrant(provider, app, refreshToken2, renew, options = {}) {
  const { as, client, authentication, edges: edges2 } = requestParts(provider, app, {
    ...options,
    refreshes: true
  });
  return attempt(provider, "refresh", [
    ...clientSecrets(provider, app),
    refreshToken2
  ], async () => {
    const response = await oauth2.refreshTokenGrantRequest(as, client, authentication, refreshToken2, {
      ...edges2,
      additionalParameters: renew ? {
        ...provider.renewal?.parameters
      } : {}
    });
    return await oauth2.processRefreshTokenResponse(as, client, response);
  }, options.signal);
}
async function revokeToken(provider, app, token, kind, options = {}) {
  if (provider.revocationEndpoint === void 0) return false;
  const { as, client, authentication, edges: edges2 } = requestParts(provider, app, options);
  let taken = true;
  await attempt(provider, "revocation", [
    ...clientSecrets(provider, app),
    token
  ], async () => {
    const response = await oauth2.revocationRequest(as, client, authentication, token, {
      ...edges2,
      additionalParameters: {
        token_type_hint: kind
      }
    });
    try {
      await oauth2.processRevocationResponse(response);
    } catch (error) {
      taken = false;
      if (kind !== "access_token" || !(error instanceof oauth2.ResponseBodyError) || error.error !== "unsupported_token_type") throw error;
    }
    return {
      access_token: "",
      token_type: "bearer"
    };
  }, options.signal);
  return taken;
}
async function attempt(provider, step, secrets, run, signal) {
  try {
    return toGrant(await run());
  } catch (error) {
    signal?.throwIfAborted();
    throw brokerError(provider, step, error, secrets);
  }
}
function toGrant(answer) {
  const refreshExpiresIn = answer["refresh_token_expires_in"];
  return {
    accessToken: answer.access_token,
    ...answer.expires_in !== void 0 && {
      expiresIn: answer.expires_in
    },
    ...answer.refresh_token && {
      refreshToken: answer.refresh_token
    },
    ...typeof refreshExpiresIn === "number" && {
      refreshTokenExpiresIn: refreshExpiresIn
    },
    ...answer.scope !== void 0 && {
      scope: answer.scope
    }
  };
}

// ../wt-golden-old/src/logout.ts
init_token();
async function logout(options) {
  const { cache, app } = options;
  const run = async () => {
    try {
      const tokens = await cache.load();
      if (tokens.refreshToken.token === void 0 && tokens.accessToken.token === void 0) return false;
      if (!issuedBy(tokens, options.providerId)) return false;
      const provider = await options.provider();
      let revoked = false;
      for (const kind of [
        "refresh_token",
        "access_token"
      ]) {
        const { token } = kind === "refresh_token" ? tokens.refreshToken : tokens.accessToken;
        if (token !== void 0) {
          revoked = await revokeToken(provider, app, token, kind, options) || revoked;
        }
      }
      return revoked;
    } finally {
      await cache.clear();
    }
  };
  return await inTurnOr(cache, run, async (error) => {
    await cache.clear();
    throw error;
  }, options.signal);
}

// ../wt-golden-old/src/refresh/journal.ts
init_errors();
init_token();

// ../wt-golden-old/src/cache/pause.ts
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(done, milliseconds);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, {
      once: true
    });
    function done() {
      signal?.removeEventListener("abort", abort);
      resolve();
    }
  });
}

// ../wt-golden-old/src/refresh/retry.ts
init_errors();
var FIRST_PAUSE = 500;
var LONGEST_RETRY_AFTER = 10;
async function withRetries(run, options = {}) {
  const { tries = 3, random = Math.random, sleep = pause, signal } = options;
  const { whenLate = true } = options;
  for (let made = 1; ; made++) {
    try {
      return await run();
    } catch (error) {
      const cause = passing(error);
      if (cause === void 0 || cause.lost || made >= tries) throw error;
      if (cause.late && !whenLate) throw error;
      const asked = cause.retryAfter;
      if (asked !== void 0 && asked > LONGEST_RETRY_AFTER) throw error;
      const jitter = random() * FIRST_PAUSE * 2 ** (made - 1);
      await sleep(asked === void 0 ? jitter : asked * 1e3 + jitter, signal);
    }
  }
}
function passing(error) {
  const is = error instanceof TdauthError && error.code === "broker_unavailable";
  return is && error.cause instanceof PassingError ? error.cause : void 0;
}

// ../wt-golden-old/src/refresh/journal.ts
var REFUSAL_HOLDS = 60;
function refuseAgain({ refreshRefused }, now) {
  if (refreshRefused === void 0) return;
  const age = now() / 1e3 - refreshRefused.time;
  if (age >= 0 && age < REFUSAL_HOLDS) throw loginNeeded(refreshRefused.reason);
}
async function mark(options, provider, before) {
  const refreshPending = Math.floor((options.now ?? Date.now)() / 1e3);
  try {
    await options.cache.save({
      ...before,
      refreshPending,
      journalOnly: true
    });
  } catch (error) {
    const sealed = error instanceof TdauthError && error.code === "cache_sealed";
    if (sealed || provider.rotatesRefreshToken !== false) throw error;
  }
}
async function settle(options, sent, error) {
  if (!isSettled(error)) return;
  const refused3 = error instanceof TdauthError && error.code === "login_needed";
  try {
    const stored = await options.cache.load();
    if (stored.refreshToken.token !== sent.refreshToken.token) return;
    await options.cache.save({
      ...withoutMarks(sent),
      journalOnly: true,
      ...refused3 && {
        refreshRefused: {
          time: Math.floor((options.now ?? Date.now)() / 1e3),
          reason: error.message.replace(/^Cannot [^:]*: /, "")
        }
      }
    });
  } catch {
  }
}
function isLost(error) {
  return passing(error)?.lost === true;
}
function isSettled(error) {
  if (!(error instanceof TdauthError) || isLost(error.cause)) return false;
  const cause = passing(error);
  return cause === void 0 ? error.code !== "unexpected_answer" : cause.status !== void 0 || cause.unsent;
}
function loginNeeded(why, cause) {
  return new TdauthError("login_needed", `Cannot get an access token: ${why}`, {
    hint: "log in: tdauth login",
    ...cause !== void 0 && {
      cause
    }
  });
}

// ../wt-golden-old/src/refresh/refresh.ts
init_errors();

// ../wt-golden-old/src/protocol/tokens_from_grant.ts
init_token();
var UNKNOWN_LIFETIME = 300;
var LONGEST_LIFETIME = 31557600;
function tokensFromGrant(provider, grant, context) {
  const now = context.now ?? Date.now;
  const askedAt = Math.floor(context.askedAt / 1e3);
  const previous = context.previous;
  const loginTime = previous === void 0 ? askedAt : previous.loginTime;
  const scope = grant.scope ?? previous?.scope;
  return {
    accessToken: new AccessToken({
      token: grant.accessToken,
      accessTime: askedAt,
      expiresIn: Math.min(grant.expiresIn ?? provider.accessTokenLifetime ?? UNKNOWN_LIFETIME, LONGEST_LIFETIME)
    }, now),
    refreshToken: refreshToken(provider, grant, askedAt, previous, now),
    ...loginTime !== void 0 && {
      loginTime
    },
    ...scope !== void 0 && {
      scope
    },
    provider: provider.id,
    consumerKey: context.consumerKey
  };
}
function refreshToken(provider, grant, askedAt, previous, now) {
  const old = previous?.refreshToken;
  const token = grant.refreshToken;
  if (token === void 0) return old ?? new RefreshToken(void 0, now);
  const stated = grant.refreshTokenExpiresIn;
  if (old?.token !== void 0) {
    const sameLife = token === old.token && stated === void 0;
    if (sameLife || provider.refreshTokenLifetimeFrom === "login") {
      return new RefreshToken({
        token,
        accessTime: old.accessTime,
        expiresIn: old.expiresIn
      }, now);
    }
  }
  const expiresIn = stated ?? provider.refreshTokenLifetime ?? Infinity;
  return new RefreshToken({
    token,
    accessTime: askedAt,
    expiresIn
  }, now);
}

// ../wt-golden-old/src/refresh/refresh.ts
init_token();

// ../wt-golden-old/src/refresh/slots.ts
init_queue();
var Slots = class {
  #free;
  #waiting = /* @__PURE__ */ new Set();
  /** @param count How many at once. */
  constructor(count2) {
    this.#free = count2;
  }
  /**
   * Does work in a slot.
   *
   * @param work The work.
   * @param options How long to wait for a slot.
   * @returns What the work gives.
   */
  async run(work, options) {
    if (this.#free > 0) this.#free--;
    else await this.#turn(options);
    try {
      return await work();
    } finally {
      this.#giveBack();
    }
  }
  #giveBack() {
    const [next] = this.#waiting;
    if (next === void 0) this.#free++;
    else {
      this.#waiting.delete(next);
      next();
    }
  }
  async #turn({ patience, late, signal }) {
    const { promise, resolve, reject } = Promise.withResolvers();
    this.#waiting.add(resolve);
    using limit = deadline(patience * 1e3, {
      reason: late
    });
    limit.signal.addEventListener("abort", () => reject(limit.signal.reason));
    try {
      await orAborted(promise, signal);
    } catch (error) {
      if (!this.#waiting.delete(resolve)) this.#giveBack();
      throw error;
    }
  }
};

// ../wt-golden-old/src/refresh/refresh.ts
var PATIENCE = 60;
var slots = new Slots(64);
function refresh(options) {
  const patience = options.patience ?? PATIENCE;
  return withPatience(options.cache, "refresh", () => inTurn2(options), {
    patience,
    late: () => busy2(patience),
    ...options.signal && {
      signal: options.signal
    }
  });
}
async function inTurn2(options) {
  const { cache } = options;
  const before = await cache.load();
  if (!issuedBy(before, options.providerId)) {
    throw loginNeeded("the stored tokens are of another provider");
  }
  if (options.enough(before)) return before;
  if (before.refreshToken.token === void 0) {
    throw loginNeeded("there are no stored tokens");
  }
  if (!before.refreshToken.valid) {
    throw loginNeeded("the refresh token has expired");
  }
  refuseAgain(before, options.now ?? Date.now);
  const provider = await options.provider();
  const patience = options.patience ?? PATIENCE;
  return await slots.run(() => sendAll(options, provider, before), {
    patience,
    late: () => crowded(patience),
    ...options.signal && {
      signal: options.signal
    }
  });
}
async function sendAll(options, provider, before) {
  let current = before;
  while (true) {
    await mark(options, provider, current);
    try {
      return await request(options, provider, current);
    } catch (error) {
      const newer = await newerTokens(options, current, error);
      if (newer?.accessToken.valid) return newer;
      if (newer === void 0 || current !== before) {
        await settle(options, current, error);
        throw error;
      }
      current = newer;
    }
  }
}
async function newerTokens({ cache, providerId }, sent, error) {
  if (!(error instanceof TdauthError) || error.code !== "login_needed") {
    return void 0;
  }
  const stored = await cache.load();
  const { token } = stored.refreshToken;
  const newer = token !== void 0 && token !== sent.refreshToken.token;
  return newer && issuedBy(stored, providerId) ? stored : void 0;
}
async function request(options, provider, before) {
  const now = options.now ?? Date.now;
  const askedAt = now();
  const grant = await send(options, provider, before);
  const after2 = tokensFromGrant(provider, grant, {
    askedAt,
    consumerKey: options.app.consumerKey,
    previous: before,
    now
  });
  await store(options, after2);
  if (after2.accessToken.valid) return after2;
  throw new TdauthError("unexpected_answer", `Cannot get an access token: the one that ${provider.name} gave has expired already`, {
    hint: "compare this machine's clock with the broker's"
  });
}
async function send(options, provider, before) {
  const { accessToken, refreshToken: refreshToken2, refreshPending } = before;
  const { renewal } = provider;
  const renew = renewal !== void 0 && (renewal.within === void 0 || refreshToken2.remaining < renewal.within);
  let lost = refreshPending === void 0 ? 0 : 1;
  while (true) {
    try {
      return await withRetries(() => refreshGrant(provider, options.app, String(refreshToken2), renew, options), {
        // Who has a token that still works does not wait for a better moment.
        tries: accessToken.valid ? 1 : 3,
        whenLate: provider.rotatesRefreshToken === false,
        ...options.signal && {
          signal: options.signal
        }
      });
    } catch (error) {
      if (isLost(error)) {
        if (++lost < 2) continue;
        throw loginNeeded("the broker's answer to a refresh was lost twice", error);
      }
      const refused3 = error instanceof TdauthError && error.code === "login_needed";
      if (refused3 && lost > 0) {
        throw loginNeeded("the answer to an earlier refresh was lost, and the broker does not take the old refresh token again", error);
      }
      throw error;
    }
  }
}
async function store(options, after2) {
  try {
    await options.cache.save(after2);
  } catch (error) {
    options.warn?.(`${messageOf(error)}; the new access token is used and not kept`);
  }
}
function busy2(patience) {
  return new TdauthError("busy", `Cannot refresh the access token: another process has been at it for ${patience} seconds`, {
    hint: "see whether a tdauth process hangs or is stopped, and end it"
  });
}
function crowded(patience) {
  return new TdauthError("busy", `Cannot refresh the access token: this process has waited for ${patience} seconds for the refreshes of others to end`, {
    hint: "try again: the broker answers slowly, and nothing was sent"
  });
}
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

// ../wt-golden-old/src/authorize.ts
init_token();
var NOTICE_AFTER = 500;
async function authorize(options = {}) {
  const context = await prepare(options);
  const tokens = await usableTokens(context);
  return authorizationOf(context, tokens);
}
function authorizationOf(context, tokens) {
  const { options, provider } = context;
  return new Authorization({
    tokens: issuedBy(tokens, provider.id) ? tokens : noTokens(),
    minValid: options.minValid ?? 60,
    refresh: (enough) => refreshed(context, enough),
    logout: async () => void await logout(refreshParts(context)),
    apiOrigin: async () => (await provider.get()).apiOrigin,
    fetch: options.fetch ?? fetch
  });
}
async function usableTokens(context) {
  try {
    return await cachedTokens(context);
  } catch (error) {
    if (!(error instanceof TdauthError) || error.code !== "login_needed" || context.options.interactive === false) throw error;
    context.log("debug", error.message);
  }
  return await loggedIn(context, {
    enough: isEnough(context)
  });
}
async function cachedTokens(context) {
  const enough = isEnough(context);
  const stored = await context.cache.load();
  if (enough(stored)) return stored;
  try {
    return await refreshed(context, enough);
  } catch (error) {
    const usable = stored.accessToken.valid && issuedBy(stored, context.provider.id);
    if (isPassing(error) && usable) return stored;
    throw error;
  }
}
function isEnough({ options, provider }) {
  const minValid = options.minValid ?? 60;
  return (tokens) => tokens.accessToken.remaining > minValid && issuedBy(tokens, provider.id);
}
async function loggedIn(context, needs) {
  const { loginTimeout = 300, signal } = context.options;
  const patience = loginTimeout + 60;
  const notice = setTimeout(() => context.log("warning", "another login is under way: waiting for it"), NOTICE_AFTER);
  try {
    return await withPatience(context.cache, "login", () => {
      clearTimeout(notice);
      return loginInTurn(context, needs);
    }, {
      patience,
      late: () => otherLogin(patience),
      ...signal && {
        signal
      }
    });
  } catch (error) {
    if (error instanceof TdauthError || !signal?.aborted) throw error;
    throw new TdauthError("login_cancelled", "Cannot log in: the login was cancelled", {
      hint: "log in again: tdauth login",
      cause: error
    });
  } finally {
    clearTimeout(notice);
  }
}
async function loginInTurn(context, { enough, mustStore }) {
  const { app, cache, options, settings } = context;
  const stored = await loadOrSetAside(context);
  if (enough(stored) && issuedBy(stored, context.provider.id)) return stored;
  const { callbackUrl } = settings;
  if (callbackUrl === void 0) {
    throw new TdauthError("invalid_options", "Cannot log in: there is no callback URL", {
      hint: "run tdauth configure, or set TD_CALLBACK_URL letter for letter as it is registered with the broker"
    });
  }
  const store2 = async (tokens) => {
    try {
      await storeTokens(cache, tokens);
    } catch (error) {
      if (mustStore || !(error instanceof TdauthError)) throw error;
      context.log("warning", `${error.message}; the tokens are used and not kept`);
    }
  };
  const { login } = await import("./login/login.ts");
  return await login({
    provider: await context.provider.get(),
    app,
    callbackUrl,
    profile: settings.profile,
    certificate: () => certificate(settings, options.now),
    openUrl: options.openUrl ?? openInBrowser,
    store: store2,
    onEvent: options.onEvent ?? ((event) => logEvent(context.log, event)),
    ...options.pastedUrls && {
      pastedUrls: options.pastedUrls
    },
    ...options.loginTimeout !== void 0 && {
      timeout: options.loginTimeout
    },
    ...edges(options)
  });
}
function otherLogin(patience) {
  return new TdauthError("busy", `Cannot log in: another login has been under way for ${patience} seconds`, {
    hint: "see whether a tdauth process hangs or is stopped, and end it"
  });
}
async function openInBrowser(url) {
  const { openBrowser } = await import("./login/browser.ts");
  const command = realEnv("BROWSER");
  const env = realEnvironment();
  await openBrowser(url, {
    ...command !== void 0 && {
      command
    },
    ...env && {
      env
    }
  });
}
async function loadOrSetAside({ cache, log }) {
  try {
    return await cache.load();
  } catch (error) {
    if (!(error instanceof TdauthError) || error.code !== "cache_corrupt") {
      throw error;
    }
    log("warning", error.message);
    return await cache.load();
  }
}
async function refreshed(context, enough) {
  context.options.signal?.throwIfAborted();
  if (!hasTokens(await context.cache.load())) {
    throw loginNeeded("there are no stored tokens");
  }
  return await refresh({
    ...refreshParts(context),
    enough
  });
}
function refreshParts({ app, cache, log, options, provider }) {
  return {
    app,
    cache,
    provider: provider.get,
    providerId: provider.id,
    warn: (message) => log("warning", message),
    ...edges(options)
  };
}
function edges(options) {
  const { fetch: fetch1, now, signal } = options;
  return {
    ...fetch1 && {
      fetch: fetch1
    },
    ...now && {
      now
    },
    ...signal && {
      signal
    }
  };
}
function logEvent(log, event) {
  if (event.type === "ready") log("info", `log in at ${event.url}`);
  if (event.type === "not_opened") log("warning", event.message);
  if (event.type === "rejected") {
    log("warning", `a ${event.from} was refused: ${event.reason}`);
  }
  if (event.type === "done") log("info", "logged in");
}

// ../wt-golden-old/golden_entry.ts
init_sealed_cache();
init_seal_key();
init_certificate();

// ../wt-golden-old/src/trust/trust_record.ts
init_atomic_file();
init_private_path();
init_errors();
init_certificate();
function trustPath(directory) {
  return `${directory}/trust.json`;
}
function readTrust(directory) {
  return parse3(readText(trustPath(directory)), directory);
}
function parse3(text, directory) {
  if (text === void 0) return [];
  try {
    const { version, trusted } = JSON.parse(text);
    const isPlace = (place) => typeof place.kind === "string" && typeof place.path === "string";
    const isTrusted = ({ ca, stores }) => typeof ca === "string" && Array.isArray(stores) && stores.every(isPlace);
    if (version === 1 && Array.isArray(trusted) && trusted.every(isTrusted)) return trusted;
  } catch {
  }
  throw new TdauthError("certificate_failed", `Cannot read "${trustPath(directory)}": it is damaged`, {
    hint: 'delete it, and every "tdauth local CA" that the browsers list among their authorities'
  });
}

// ../wt-golden-old/src/redis/redis_cache.ts
init_queue();
init_token_json();
init_errors();

// ../wt-golden-old/src/redis/scripts.ts
var ACQUIRE = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return false end
local time = redis.call('TIME')
local fence = time[1] * 1000000 + time[2]
local known = redis.call('HMGET', KEYS[2], 'fence', 'issued', 'open')
local last = math.max(tonumber(known[1] or '0'), tonumber(known[2] or '0'))
if fence <= last then fence = last + 1 end
local text = string.format('%.0f', fence)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local empty = redis.call('EXISTS', KEYS[2]) == 0
redis.call('HSET', KEYS[2], 'issued', text, ARGV[3], ARGV[1])
if empty then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end
local unclean = 0
if ARGV[3] == 'refresh' then
  if known[3] and known[3] ~= ARGV[1] then unclean = 1
  else redis.call('HSET', KEYS[2], 'open', ARGV[1]) end
end
return {text, unclean}
`;
var RENEW = `
local holder = redis.call('GET', KEYS[1])
local own = redis.call('HGET', KEYS[2], ARGV[3]) == ARGV[1]
if holder ~= ARGV[1] and (holder or not own) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if own and ARGV[4] == '1' then redis.call('HSET', KEYS[2], 'open', ARGV[1]) end
return 1
`;
var RELEASE = `
for _, field in ipairs({'open', ARGV[2]}) do
  if redis.call('HGET', KEYS[2], field) == ARGV[1] then redis.call('HDEL', KEYS[2], field) end
end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;
var SAVE = `
local last = tonumber(redis.call('HGET', KEYS[1], 'fence') or '0')
local fence = tonumber(ARGV[4]) or last
if fence < last then return 0 end
if ARGV[3] == 'old' and ARGV[4] ~= '' then
  if fence == last or redis.call('HGET', KEYS[1], ARGV[6]) ~= ARGV[5] then return 0 end
  local holder = redis.call('GET', KEYS[2])
  if holder and holder ~= ARGV[5] then return 0 end
  redis.call('SET', KEYS[2], ARGV[5], 'PX', ARGV[7])
end
local text = string.format('%.0f', fence)
redis.call('HSET', KEYS[1], 'tokens', ARGV[1])
if ARGV[3] ~= 'old' then redis.call('HSET', KEYS[1], 'fence', text) end
if ARGV[3] == 'login' then redis.call('HSET', KEYS[1], 'began', text) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`;
var CLEAR = `
local known = redis.call('HMGET', KEYS[1], 'fence', 'issued', 'began')
local last = math.max(tonumber(known[1] or '0'), tonumber(known[2] or '0'))
local fence = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
if ARGV[3] ~= '' and tonumber(known[3] or '0') > now - ARGV[3] * 1000 then return 0 end
if not fence or fence < last then fence = math.max(now, last + 1) end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'fence', string.format('%.0f', fence))
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;

// ../wt-golden-old/src/redis/redis_cache.ts
var EMPTY_LIFE = 6e5;
var LEAST_LIFE = 6e4;
var CLEARED_LIFE = 864e5;
var GRACE = 2e3;
var RedisCache = class {
  #redis;
  #key;
  /** The turns that are had through this object. */
  #turns = /* @__PURE__ */ new Map();
  /**
   * Puts a cache together; {@linkcode RedisStore.cacheFor} does it for you.
   *
   * @param redis The connection.
   * @param user The user's or the session's name.
   */
  constructor(redis, user) {
    this.#redis = redis;
    this.#key = `${redis.prefix}{${encodeURIComponent(user)}}`;
  }
  /**
   * Reads the tokens.
   *
   * @returns The tokens; absent ones when there are none.
   * @throws {TdauthError} `cache_unreadable` when Redis does not answer.
   */
  async load() {
    const text = await this.#redis.read(`${this.#key}:tokens`, "tokens");
    return parseTokens(text ?? "", this.#redis.now);
  }
  /**
   * Writes the tokens, which Redis forgets when the refresh token expires.
   *
   * @throws {TdauthError} `cache_unreadable` when Redis does not answer: new
   * tokens are then stored as soon as it does, if this process is still there;
   * `busy` when someone else has taken over the lock and stored newer ones, or
   * has taken it over and these are not new.
   */
  async save(tokens) {
    const keys = this.#keys();
    const turn = this.#turn();
    const isNew = tokens.journalOnly !== true && tokens.refreshPending === void 0;
    const kind = !isNew ? "old" : this.#turns.has("login") ? "login" : "new";
    const text = formatTokens(tokens);
    const args = () => [
      text,
      String(this.#lifeOf(tokens)),
      kind,
      turn?.fence ?? "",
      turn?.owner ?? "",
      turn?.work ?? "",
      String(this.#redis.lease)
    ];
    try {
      if (await this.#redis.run(SAVE, keys, args()) !== 1) throw overtaken();
      this.#redis.notWhenBack(this.#key);
    } catch (error) {
      const lost = isNew && !(error instanceof TdauthError && error.code === "busy");
      if (lost) this.#redis.whenBack(this.#key, "tokens", SAVE, keys, args);
      throw error;
    }
  }
  /**
   * Forgets both tokens; nobody who is late brings them back.
   *
   * @throws {TdauthError} `cache_unreadable` when Redis does not answer: the tokens
   * are then forgotten as soon as it does, if this process is still there, unless
   * they are of a login that came later.
   */
  async clear() {
    const [tokens] = this.#keys();
    const asked = performance.now();
    const args = [
      this.#turn()?.fence ?? "",
      String(CLEARED_LIFE)
    ];
    this.#redis.notWhenBack(this.#key);
    try {
      await this.#redis.run(CLEAR, [
        tokens
      ], [
        ...args,
        ""
      ]);
    } catch (error) {
      this.#redis.whenBack(`${this.#key}:logout`, "logout", CLEAR, [
        tokens
      ], () => [
        ...args,
        String(Math.ceil(performance.now() - asked))
      ]);
      throw error;
    }
  }
  #turn() {
    return this.#turns.get("refresh") ?? this.#turns.get("login");
  }
  /** The keys of the tokens and of the lock of the turn that this object has; in a cluster all of them are in one place. */
  #keys() {
    const work = this.#turn()?.work ?? "refresh";
    return [
      `${this.#key}:tokens`,
      `${this.#key}:${work}`
    ];
  }
  /** How long Redis keeps tokens, in milliseconds. */
  #lifeOf({ accessToken, refreshToken: refreshToken2 }) {
    const end = Math.max(refreshToken2.expiry, accessToken.expiry);
    if (end === 0) return EMPTY_LIFE;
    const life = Number.isFinite(end) ? end * 1e3 - this.#redis.now() : this.#redis.unknownLife;
    return Math.max(LEAST_LIFE, Math.ceil(life));
  }
  /**
   * Runs `run` while nobody else, on any machine, does the same kind of work for
   * this user.
   *
   * @throws {TdauthError} `cache_unreadable` when Redis does not answer.
   */
  exclusive(work, run, options = {}) {
    const queue = `redis:${this.#redis.id}:${this.#key}:${work}`;
    return inTurn(queue, () => this.#withLock(work, run, options), options);
  }
  async #withLock(work, run, { signal }) {
    const keys = [
      `${this.#key}:${work}`,
      `${this.#key}:tokens`
    ];
    const owner = crypto.randomUUID();
    const lease = String(this.#redis.lease);
    const acquire = [
      owner,
      lease,
      work,
      String(EMPTY_LIFE)
    ];
    let unsure = false;
    let renewal;
    try {
      for (let wait = 5; ; wait = Math.min(wait * 1.5, 100)) {
        const got = await this.#redis.run(ACQUIRE, keys, acquire, () => {
          unsure = true;
        });
        unsure = false;
        if (Array.isArray(got)) {
          this.#turns.set(work, {
            work,
            owner,
            fence: String(got[0])
          });
          renewal ??= setInterval(() => {
            this.#redis.attempt(RENEW, keys, [
              owner,
              lease,
              work,
              "0"
            ]).catch(() => {
            });
          }, this.#redis.lease / 3);
          if (got[1] !== 1) break;
          await pause(GRACE, signal);
          const mine = await this.#redis.run(RENEW, keys, [
            owner,
            lease,
            work,
            "1"
          ]);
          if (mine === 1) break;
        }
        await pause(wait * (0.5 + Math.random()), signal);
      }
      return await run();
    } finally {
      clearInterval(renewal);
      const had = this.#turns.delete(work);
      if (had) await this.#release(keys, [
        owner,
        work
      ]);
      else if (unsure) this.#releaseLater(keys, [
        owner,
        work
      ]);
    }
  }
  /** Gives a lock back; when Redis is away then as soon as it is back, so that nobody waits for the lease to end. */
  async #release(keys, args) {
    try {
      await this.#redis.attempt(RELEASE, keys, args);
    } catch {
      this.#releaseLater(keys, args);
    }
  }
  /** After the tokens, which were given to wait before. */
  #releaseLater(keys, args) {
    const name = `${this.#key}:${args.join()}`;
    this.#redis.whenBack(name, "lock", RELEASE, keys, () => args);
  }
};
function overtaken() {
  return new TdauthError("busy", "Cannot store the tokens: this process was stopped for so long that another one has taken over", {
    hint: "try again: the other one's tokens are there"
  });
}

// ../wt-golden-old/src/redis/answers.ts
init_errors();
var PASSING = /^(LOADING|MASTERDOWN|READONLY|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS) /;
var TimedOut = class extends Error {
};
var NotSent = class extends Error {
};
function isReply(error) {
  return !(error instanceof TimedOut) && /^[A-Z]+ /.test(messageOf2(error));
}
function isPassing3(error) {
  return !isReply(error) || PASSING.test(messageOf2(error));
}
async function withLimit(work, limit) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new TimedOut()), limit);
  });
  try {
    return await Promise.race([
      work,
      late
    ]);
  } finally {
    clearTimeout(timer);
  }
}
function failure(cause) {
  if (isReply(cause)) return refused2(cause);
  if (isUntrusted(cause)) {
    return new TdauthError("cache_unreadable", "Cannot reach the stored tokens: Redis' certificate is not trusted", {
      hint: "use the name that is in the certificate, and give Deno the authority that signed it: DENO_CERT",
      cause
    });
  }
  return new TdauthError("cache_unreadable", "Cannot reach the stored tokens: Redis does not answer", {
    hint: "start Redis again; nothing is lost meanwhile"
  });
}
function refused2(cause) {
  const code = /^[A-Z]+/.exec(messageOf2(cause))?.[0] ?? "an error";
  if (/^(WRONGPASS|NOAUTH|NOPERM)$/.test(code)) {
    return new TdauthError("cache_unreadable", `Cannot use the stored tokens: Redis does not let this application in (${code})`, {
      hint: "compare user and password in the URL with Redis' own",
      cause
    });
  }
  if (code === "READONLY") {
    return new TdauthError("cache_unreadable", "Cannot use the stored tokens: this Redis is a replica, which takes no writes", {
      hint: "connect to its primary",
      cause
    });
  }
  return new TdauthError("cache_unreadable", `Cannot use the stored tokens: Redis answers ${code}`, {
    hint: "see what Redis' own log says",
    cause
  });
}
function isUntrusted(error) {
  return /certificate|CERT_|UnknownIssuer/i.test(messageOf2(error));
}
function messageOf2(error) {
  return error instanceof Error ? error.message : String(error);
}

// ../wt-golden-old/src/redis/late_writes.ts
var AGAIN = 1e3;
var LateWrites = class {
  #waiting = /* @__PURE__ */ new Map();
  #timer;
  #running;
  /** How many wait. */
  get size() {
    return this.#waiting.size;
  }
  /** Adds one; of the same name the later one takes the place of the earlier one. */
  set(name, kind, write) {
    this.#waiting.delete(name);
    this.#waiting.set(name, {
      kind,
      write
    });
    this.#later();
  }
  /** Takes one back. */
  delete(name) {
    this.#waiting.delete(name);
  }
  /** Tries all of them now. */
  flush() {
    return this.#running ??= this.#flush().finally(() => {
      this.#running = void 0;
      this.#later();
    });
  }
  /** Forgets them, and gives how many there were of a kind. */
  end() {
    const kinds = [
      ...this.#waiting.values()
    ].map(({ kind }) => kind);
    this.#waiting.clear();
    clearTimeout(this.#timer);
    return (kind) => kinds.filter((one) => one === kind).length;
  }
  #later() {
    clearTimeout(this.#timer);
    if (this.size > 0) {
      this.#timer = setTimeout(() => void this.flush(), AGAIN);
    }
  }
  async #flush() {
    for (const [name, late] of this.#waiting) {
      try {
        await late.write();
        if (this.#waiting.get(name) === late) this.#waiting.delete(name);
      } catch (error) {
        if (isPassing3(error)) return;
      }
    }
  }
};

// ../wt-golden-old/src/redis/patience.ts
var PROBE = 2e3;
var STALE = 15e3;
var Patience = class {
  #patience;
  #clock;
  #awaySince;
  #lastLoss = -Infinity;
  #lastBack = -Infinity;
  /**
   * @param patience How long, in milliseconds.
   * @param clock Milliseconds that only grow.
   */
  constructor(patience, clock = () => performance.now()) {
    this.#patience = patience;
    this.#clock = clock;
  }
  /** When a command that has just failed gives up. */
  deadline() {
    const now = this.#clock();
    return this.#away(now) + this.#patience;
  }
  /** Whether the patience is over, and somebody has just asked in vain: nobody else need. */
  get over() {
    const now = this.#clock();
    return now - this.#lastLoss < PROBE && now > this.#away(now) + this.#patience;
  }
  /** Redis is back. */
  back() {
    this.#awaySince = void 0;
    this.#lastBack = this.#clock();
  }
  /** Notes how a command ended that begins now; gives back the same. */
  async heed(answer) {
    const began = this.#clock();
    try {
      const value = await answer;
      this.back();
      return value;
    } catch (error) {
      if (!isPassing3(error)) this.back();
      else {
        this.#awaySince = this.#away(Math.max(began, this.#lastBack));
        this.#lastLoss = this.#clock();
      }
      throw error;
    }
  }
  #away(now) {
    return this.#awaySince === void 0 || now - this.#lastLoss > STALE ? now : this.#awaySince;
  }
};

// ../wt-golden-old/src/redis/redis_url.ts
init_errors();
function checkRedisUrl(url) {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    throw invalid("its URL is not one", "write it like redis://127.0.0.1:6379");
  }
  const { username, password, pathname } = new URL(url);
  if (!/^(\/\d*)?$/.test(pathname)) {
    throw invalid("the path of its URL is not the number of a database", "write it like redis://127.0.0.1:6379/0");
  }
  try {
    decodeURIComponent(username);
    decodeURIComponent(password);
  } catch {
    throw invalid("there is a % in its URL that stands for nothing", "write % in the user's name and in the password as %25");
  }
}
function invalid(why, hint) {
  return new TdauthError("invalid_options", `Cannot connect to Redis: ${why}`, {
    hint
  });
}

// ../wt-golden-old/src/redis/redis_store.ts
init_errors();

// ../wt-golden-old/src/redis/silence.ts
var STEPS = 8;
var Silence = class {
  #step;
  #waiting = /* @__PURE__ */ new Set();
  #steps = 0;
  #heard = 0;
  #timer;
  /** @param limit How long Redis may be silent while a command waits, in milliseconds. */
  constructor(limit) {
    this.#step = limit / STEPS;
  }
  /** Settles as the answer to a command does, or rejects when Redis has been silent. */
  async limit(answer) {
    const heard = () => void (this.#heard = this.#steps);
    answer.then(heard, (error) => isReply(error) && heard());
    const { promise: silent, reject: giveUp } = Promise.withResolvers();
    const waiting = {
      since: this.#steps,
      giveUp
    };
    this.#waiting.add(waiting);
    this.#timer ??= setTimeout(() => this.#next(), this.#step);
    try {
      return await Promise.race([
        answer,
        silent
      ]);
    } finally {
      this.#waiting.delete(waiting);
      if (this.#waiting.size === 0) {
        clearTimeout(this.#timer);
        this.#timer = void 0;
      }
    }
  }
  #next() {
    this.#steps++;
    for (const { since, giveUp } of this.#waiting) {
      if (this.#steps - Math.max(since, this.#heard) < STEPS) break;
      giveUp(new TimedOut());
    }
    this.#timer = setTimeout(() => this.#next(), this.#step);
  }
};

// ../wt-golden-old/src/redis/survey.ts
function survey({ info, save }) {
  const field = (name) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
  const found = [];
  if (field("role") === "slave") {
    found.push("this Redis is a replica, which takes no writes");
  }
  const policy = field("maxmemory_policy");
  const limited = Number(field("maxmemory")) > 0;
  if (limited && policy !== void 0 && policy !== "noeviction") {
    found.push(`Redis drops tokens when its memory is full (maxmemory-policy ${policy}): set it to noeviction`);
  }
  if (field("aof_enabled") === "0") {
    found.push(save === "" ? "Redis keeps nothing on disk: when it ends, every user must log in again (set appendonly yes)" : "Redis does not put every write on disk: when it ends, users whose tokens were new must log in again (set appendonly yes)");
  }
  return found;
}

// ../wt-golden-old/src/redis/redis_store.ts
var connections = 0;
var COMMAND_TIMEOUT = 2e3;
var SILENCE = 15e3;
var UNKNOWN_LIFE = 90 * 86400;
var REFUSED_PAUSE = 5e3;
async function connectRedis(options) {
  const { url, log = () => {
  } } = options;
  checkRedisUrl(url);
  const { lease, patience: seconds3, unknownLife } = options;
  const wrong = wrongNumber({
    lease,
    patience: seconds3,
    unknownLife
  });
  if (wrong !== void 0) {
    throw new TdauthError("invalid_options", `Cannot connect to Redis: ${wrong.name} is ${wrong.is}`, {
      hint: "give it in seconds, or leave it out for the default"
    });
  }
  const patience = (options.patience ?? 5) * 1e3;
  const patient = new Patience(patience);
  const { createClient } = await import("@redis/client");
  const silence = new Silence(COMMAND_TIMEOUT);
  const late = new LateWrites();
  let refusal2;
  let cause;
  let away = false;
  let connected = false;
  let closed = false;
  const client = createClient({
    url,
    // A command that waits in a queue is sent who knows when: we try again ourselves.
    disableOfflineQueue: true,
    // A machine that is gone without a word is noticed by its silence.
    pingInterval: SILENCE / 3,
    socket: {
      connectTimeout: COMMAND_TIMEOUT,
      socketTimeout: SILENCE,
      reconnectStrategy: (tries, error) => {
        cause = error;
        refusal2 = isPassing3(error) ? void 0 : error;
        if (refusal2 === void 0) return Math.min(20 * 2 ** tries, 500);
        return connected ? REFUSED_PAUSE : error;
      }
    }
  });
  client.on("error", () => {
    if (!away) log("Redis does not answer: waiting for it to come back");
    away = true;
  });
  client.on("ready", () => {
    if (away) log("Redis is back");
    away = false;
    connected = true;
    refusal2 = void 0;
    patient.back();
    void late.flush();
  });
  function send2(command, sent = () => {
  }) {
    if (!client.isReady) return patient.heed(Promise.reject(new NotSent()));
    sent();
    const answer = command();
    answer.then(() => patient.back(), () => {
    });
    return patient.heed(silence.limit(answer));
  }
  async function persist(command, sent) {
    let deadline2;
    for (let pause2 = 10; ; pause2 = Math.min(pause2 * 2, 200)) {
      if (refusal2 !== void 0) throw failure(refusal2);
      if (patient.over) throw failure(cause);
      try {
        return await send2(command, sent);
      } catch (error) {
        deadline2 ??= patient.deadline();
        const last = closed || performance.now() + pause2 > deadline2;
        if (last || !isPassing3(error)) {
          throw failure(isReply(error) ? error : refusal2 ?? cause);
        }
        await new Promise((resolve) => setTimeout(resolve, pause2));
      }
    }
  }
  const run = (script2, keys, args) => () => client.eval(script2, {
    keys,
    arguments: args
  });
  const connection = {
    id: connections++,
    now: options.now ?? Date.now,
    prefix: options.prefix ?? "tdauth:",
    lease: (options.lease ?? 30) * 1e3,
    unknownLife: (options.unknownLife ?? UNKNOWN_LIFE) * 1e3,
    run: (script2, keys, args, sent) => persist(run(script2, keys, args), sent),
    attempt: (script2, keys, args) => patient.over ? Promise.reject(new NotSent()) : send2(run(script2, keys, args)),
    read: (key, field) => persist(() => client.hGet(key, field)),
    whenBack: (name, kind, script2, keys, args) => {
      if (closed) return;
      late.set(name, kind, () => send2(run(script2, keys, args())));
    },
    notWhenBack: (name) => late.delete(name)
  };
  try {
    await withLimit(client.connect(), Math.max(patience, COMMAND_TIMEOUT));
  } catch {
    closed = true;
    client.destroy();
    throw failure(refusal2 ?? cause);
  }
  const [info, save] = await Promise.all([
    client.info().catch(() => ""),
    client.configGet("save").then(({ save: save2 }) => save2, () => void 0)
  ]);
  for (const found of survey({
    info,
    save
  })) log(found);
  const close = async () => {
    if (closed) return;
    if (late.size > 0 && client.isReady) await late.flush();
    closed = true;
    const lost = late.end();
    if (lost("tokens") > 0) {
      log(`Redis was away to the end: new tokens are lost (${lost("tokens")} users)`);
    }
    if (lost("logout") > 0) {
      log(`Redis was away to the end: tokens are still in it of users who logged out (${lost("logout")})`);
    }
    try {
      if (client.isReady) await withLimit(client.close(), COMMAND_TIMEOUT);
    } catch {
    }
    if (client.isOpen) client.destroy();
  };
  return {
    cacheFor: (user) => new RedisCache(connection, user),
    close,
    [Symbol.asyncDispose]: close
  };
}
export {
  DiskCache,
  SealedCache,
  authorize,
  connectRedis,
  keptCertificate,
  prepare,
  rawKey,
  readConfig,
  readTrust
};
