import { readFileSync } from "node:fs";

/** Parts of the style, in their order: those for narrow screens and for paper change what stands before them. */
const styles = [
  "base",
  "head",
  "outcomes",
  "verdict",
  "faults",
  "calls",
  "topology",
  "timeline",
  "tables",
  "checks",
  "narrow",
  "print",
];

/** What a page carries along beside its content. */
export const style = styles.map((name) => read(`style/${name}.css`)).join("\n");
export const script = read("page.js");

function read(name: string): string {
  return readFileSync(new URL(name, import.meta.url), "utf8");
}
