import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROUTES } from "../../src/http/routes.js";
import { chapterOf, namesIn, rowsOf } from "../examples/guide_pages.js";
import { root } from "../setup/packed_project.js";

const source = (name: string) => readFileSync(join(root, `src/http/${name}.ts`), "utf8");

describe("the guide", () => {
  it("lists every route, for whom it is, and no other", () => {
    const rows = rowsOf(chapterOf("http", "Routes")).filter(([first = ""]) => /^`(GET|POST) /.test(first));
    const said = rows.map(([route, who]) => [route?.replaceAll("`", ""), who?.replaceAll("`", "")]);
    const whom = { anyone: "anyone", device: "a device" };
    const there = ROUTES.map(({ method, path, who }) => [
      `${method} ${path}`,
      who === "anyone" || who === "device" ? whom[who] : who,
    ]);
    expect(said.sort()).toEqual(there.sort());
  });

  it("lists every option", () => {
    const [, options = ""] = source("options").split("export type PushHandlersOptions");
    const names = [...(options.split("\n};")[0] ?? "").matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(10);
    const said = namesIn(chapterOf("http", "Options"));
    expect([...names, "router", "providers"].filter((name) => !said.includes(name ?? ""))).toEqual([]);
  });

  it("knows every status that is answered", () => {
    const files = [
      "answers",
      "body",
      "broadcasts",
      "call",
      "check",
      "devices",
      "handlers",
      "history",
      "platforms",
    ];
    const more = ["send", "subscriptions", "target"];
    const text = [...files, ...more].map(source).join("\n");
    const statuses = [...text.matchAll(/(?:refuse\(|Refusal\(|code: )(\d{3})/g)].map(([, status]) => status);
    expect(new Set(statuses).size).toBeGreaterThan(9);
    const said: string[] = chapterOf("http", "Answers").match(/\b[45]\d\d\b/g) ?? [];
    expect(
      [...new Set(statuses)].filter(
        (status) => !status?.startsWith("2") && !said.some((one) => one === status),
      ),
    ).toEqual([]);
  });
});
