import { expect, test } from "vitest";
import { html, textOf } from "./markup.ts";
import { prose } from "./prose.ts";

test.for([
  ["a name", "Stage `istio` failed.", "Stage <code>istio</code> failed."],
  ["a name at either end", "`a` and `b`", "<code>a</code> and <code>b</code>"],
  ["no name", "It is ready.", "It is ready."],
  ["a single backtick", "a ` b", "a ` b"],
  ["nothing between two backticks", "a `` b", "a `` b"],
  ["markup within a name", "`<b>`", "<code>&lt;b&gt;</code>"],
] as const)("A sentence with %s keeps its words.", ([, text, markup]) => {
  expect(textOf(html`${prose(text)}`)).toBe(markup);
});
