import { expect, test } from "vitest";
import { xmlDocument } from "./xml.ts";

test("Elements are indented, those without content are closed at once, and text stays as it is", () => {
  const leaf = { name: "leaf", attributes: { a: "1", b: "" } };
  const text = { name: "text", text: " two\nlines " };
  expect(xmlDocument({ name: "root", children: [leaf, { name: "inner", children: [text] }] })).toBe(
    `<?xml version="1.0" encoding="UTF-8"?>
<root>
  <leaf a="1" b=""/>
  <inner>
    <text> two
lines </text>
  </inner>
</root>
`,
  );
});

test.for([
  ["the characters of markup", `<&>"'`, `&lt;&amp;&gt;&quot;'`],
  ["the end of a CDATA section", "]]>", "]]&gt;"],
  ["an entity that is text already", "&lt;", "&amp;lt;"],
  ["no control characters", "a\u0000b\u001B[1mc", "abc"],
  ["no half of a pair", "a\uD800b", "ab"],
] as const)("Text and attributes hold %s", ([, text, expected]) => {
  expect(xmlDocument({ name: "e", attributes: { a: text } })).toContain(`<e a="${expected}"/>`);
  expect(xmlDocument({ name: "e", text })).toContain(`<e>${expected}</e>`);
});

test("An attribute of several lines becomes one, as a parser would make it, whatever its length", () => {
  const line = "x".repeat(5_000);
  expect(xmlDocument({ name: "e", attributes: { a: `${line}\n\t${line}` } })).toContain(`a="${line} ${line}"`);
});
