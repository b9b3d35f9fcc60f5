import { appKeyOf } from "../../client/configured_provider.ts";
import { maskKey } from "../../login/mask_key.ts";
import { suggestedPreset } from "../../providers/presets.ts";
import {
  SETTING_NAMES,
  type SettingName,
  settingRow,
} from "../../settings/setting_table.ts";
import { settingText } from "../../settings/setting_values.ts";
import { copiedByMistake } from "./copied_text.ts";
import { failed, failedWith, type Finding, ok, warning } from "./finding.ts";
import type { Facts } from "./facts.ts";

/** Settings that other checks or separate lines report. */
const ELSEWHERE: readonly SettingName[] = [
  "profile",
  "provider",
  "consumerKey",
  "consumerSecret",
  "callbackUrl",
];

/** Shows every setting and where it came from. */
export function settingsCheck(facts: Facts): Finding[] {
  const { settings, named, trouble } = facts;
  if (settings === undefined) return [failedWith("settings", trouble)];
  const { sources, profile, consumerSecret } = settings;
  const from = (name: SettingName) => `(${sources[name] ?? "default"})`;
  const findings = [ok("profile", `${profile} ${from("profile")}`)];
  if (named === undefined) findings.push(failedWith("provider", trouble));
  else {
    findings.push(ok(
      "provider",
      unchosen(facts)
        ? `not set (default: ${suggestedPreset().key})`
        : sources.provider === undefined
        ? settings.keeper !== undefined
          ? `${named.key}, unless the keeper says otherwise (default)`
          : `${named.key}, because the app has ${
            consumerSecret === undefined ? "no" : "a"
          } secret (default)`
        : `${named.key} ${from("provider")}`,
    ));
  }
  // A follower needs neither key nor secret.
  const app = ofApp(facts);
  findings.push(
    ...settings.keeper === undefined
      ? app
      : app.filter(({ state }) => state === "ok"),
  );
  for (const name of SETTING_NAMES) {
    const source = sources[name];
    if (source === undefined || ELSEWHERE.includes(name)) continue;
    const value = settingRow(name).secret
      ? "set, not shown"
      : settingText(settings[name] ?? "");
    findings.push(ok(words(name), `${value} (${source})`));
  }
  return [...findings, ...copied(facts)];
}

/** The app's key and secret. */
function ofApp({ settings, named }: Facts): Finding[] {
  if (settings === undefined) return [];
  const { sources, profile, profiles, consumerKey, consumerSecret } = settings;
  const from = (name: SettingName) => `(${sources[name] ?? "default"})`;
  const findings: Finding[] = [];
  const missing = profile !== "default" && !profiles.includes(profile);
  findings.push(
    consumerKey !== undefined
      ? ok("consumer key", `${maskKey(consumerKey)} ${from("consumerKey")}`)
      : failed(
        "consumer key",
        missing
          ? `not set, and there is no profile "${profile}" (there is ${
            profiles.join(", ") || "none"
          })`
          : "not set",
        {
          fix: "copy it from the broker's developer portal",
          command: ["configure"],
        },
      ),
  );
  if (consumerSecret !== undefined) {
    findings.push(ok("secret", `set, not shown ${from("consumerSecret")}`));
  } else if (named?.preset?.secret === "needed") {
    findings.push(
      failed("secret", `not set, and ${named.name} requires it`, {
        fix: "set TD_CONSUMER_SECRET, or save it in config.json",
        command: ["configure"],
      }),
    );
  }
  return findings;
}

/** Names settings with quotes or invisible characters: the broker rejects them, and they look right. */
function copied({ settings }: Facts): Finding[] {
  return SETTING_NAMES.flatMap((name) => {
    const value = settings?.[name];
    const mistake = typeof value === "string"
      ? copiedByMistake(value)
      : undefined;
    if (mistake === undefined) return [];
    const source = settings?.sources[name] ?? "default";
    return [
      warning(
        words(name),
        `${settingRow(name).variable} (${source}) ${mistake}`,
        {
          fix: "remove them",
        },
      ),
    ];
  });
}

/** Whether nothing identifies the broker, not even an app: the default then means nothing. */
export function unchosen({ settings }: Facts): boolean {
  return settings !== undefined && settings.sources.provider === undefined &&
    appKeyOf(settings) === undefined &&
    settings.consumerSecret === undefined;
}

/** Spells out a name: `certFile` is "cert file". */
function words(name: SettingName): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
