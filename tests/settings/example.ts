import {
  type SettingName,
  settingRow,
} from "../../src/settings/setting_table.ts";
import type { SettingValue } from "../../src/settings/setting_values.ts";

/** A text for a setting, and what it is read as. */
export function example(
  name: SettingName,
  directory: string,
): readonly [string, SettingValue] {
  const { kind, choices = [] } = settingRow(name);
  switch (kind) {
    case "boolean":
      return ["FALSE", false];
    case "choice":
      return [choices[0]?.toUpperCase() ?? "", choices[0] ?? ""];
    case "path":
      if (name === "consumerSecretFile") { // which is read at once
        Deno.writeTextFileSync(`${directory}/${name}`, "S", { mode: 0o600 });
      }
      return [`${directory}/${name}`, `${directory}/${name}`];
    case "url":
      return [`http://127.0.0.1:1/${name}`, `http://127.0.0.1:1/${name}`];
    case "provider":
      return ["tdameritrade", "tdameritrade"];
    case "endpoint":
      return [`https://a.example/${name}`, `https://a.example/${name}`];
    case "origin":
      return ["https://a.example/", "https://a.example"];
    case "keeper":
      return ["ssh://me@nas", "ssh://me@nas"];
    case "seconds":
      return ["090", 90];
    case "parameters":
      return ["a=%26+%C3%A9&b=", { a: "& é", b: "" }];
    case "name":
    case "header":
    case "text":
      return [`some-${name}`, `some-${name}`];
  }
}
