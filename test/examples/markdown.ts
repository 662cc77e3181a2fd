import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup/packed_project.js";

export interface Block {
  readonly language: string;
  readonly text: string;
  /** The line of its fence, counted from 1. */
  readonly line: number;
}

export function readMarkdown(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The fenced code blocks of a page. */
export function codeBlocks(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(
    ({ index, 1: language = "", 2: text = "" }) => ({
      language,
      text,
      line: markdown.slice(0, index).split("\n").length,
    }),
  );
}

/** What a block says that it prints: `console.log(…); // => this`. */
export function promisedOutput({ text }: Block): string {
  return [...text.matchAll(/ \/\/ => (.*)$/gm)].map(([, line]) => `${line}\n`).join("");
}

/** Targets of links that are files of the checkout, without what follows `#`. */
export function localLinks(
  markdown: string,
): { readonly path: string; readonly anchor: string | undefined }[] {
  return [...markdown.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, path = "", anchor]) => ({
    path,
    anchor,
  }));
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
