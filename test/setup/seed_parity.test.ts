import { describe, expect, it } from "vitest";
import { checkSeedParity, idsOf, ROWS } from "./seed_parity.js";

const table = (rows: Record<string, string>) =>
  [
    "| id | what | where |",
    "| --- | --- | --- |",
    ...Object.entries(rows).map(([id, where]) => `| ${id} | x | ${where} |`),
  ].join("\n");
const all = (where: string) => Object.fromEntries(ROWS.map((id) => [id, where]));

describe("seed parity", () => {
  it("reads the ids at the head of a title", () => {
    expect(idsOf("W4 W5 ttl 0 stays 0")).toEqual(["W4", "W5"]);
    expect(idsOf("1.8 a row")).toEqual(["1.8"]);
    expect(idsOf("2.web_push a row")).toEqual(["2.web_push"]);
    expect(idsOf("H1 3.2.panel 5.1.p1 5.3.10 a row")).toEqual(["H1", "3.2.panel", "5.1.p1", "5.3.10"]);
    expect(idsOf("Web push W4")).toEqual([]);
  });

  it("knows each row once, of all chapters, and each as a title would say it", () => {
    expect(ROWS.filter((id, place) => ROWS.indexOf(id) !== place || idsOf(`${id} a row`)[0] !== id)).toEqual(
      [],
    );
    const of = (...chapters: string[]) =>
      ROWS.filter((id) => chapters.some((one) => id.startsWith(one))).length;
    expect([of("1."), of("2."), of("3."), of("5.")]).toEqual([15, 5, 45, 50]);
  });

  it("is content when every row is proven where it says", () => {
    const ran = ROWS.map((id) => ({ id, file: "test/a.test.ts" }));
    expect(checkSeedParity(table(all("`test/a.test.ts`")), ran)).toEqual([]);
  });

  it("notices a row that is not listed", () => {
    const { W5: _gone, ...rest } = all("replaced: by something");
    expect(checkSeedParity(table(rest), [])).toEqual(["row W5 is not listed"]);
  });

  it("notices a row whose test did not run", () => {
    const rows = { ...all("replaced: x"), W1: "`test/a.test.ts`" };
    expect(checkSeedParity(table(rows), [])).toEqual([
      "row W1 names test/a.test.ts, where no test of that id passed",
    ]);
  });

  it("notices a row without proof or reason", () => {
    expect(checkSeedParity(table({ ...all("replaced: x"), W1: "later" }), [])).toEqual([
      "row W1 names neither a test nor what replaces it",
    ]);
  });

  it("notices a test that claims a row which does not name it", () => {
    const ran = [{ id: "W1", file: "test/b.test.ts" }];
    expect(checkSeedParity(table(all("replaced: x")), ran)).toEqual([
      "W1 is proven in test/b.test.ts, which its row does not name",
    ]);
  });
});
