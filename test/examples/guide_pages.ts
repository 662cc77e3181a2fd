import { readMarkdown } from "./markdown.js";

export const GUIDES = ["fcm", "apns", "wns", "testing", "observability", "store", "http"] as const;

export function guide(name: string): string {
  return readMarkdown(`docs/${name}.md`);
}

/** From a heading to the next one. */
export function chapterOf(name: string, title: string): string {
  const chapter = guide(name)
    .split(/^## /m)
    .find((text) => text.startsWith(`${title}\n`));
  if (chapter === undefined) throw new Error(`${name} has no chapter ${title}`);
  return chapter;
}

/** The rows of its tables, without their heads, cell by cell. */
export function rowsOf(chapter: string): string[][] {
  const lines = chapter.split("\n").filter((line) => line.startsWith("|"));
  const is_rule = (line = "") => /^[|-]+$/.test(line);
  return lines
    .filter((line, index) => !is_rule(line) && !is_rule(lines[index + 1]))
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );
}

/** What stands in backticks by itself. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name);
}
