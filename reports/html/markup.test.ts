import { expect, test } from "vitest";
import { html, textOf, trusted } from "./markup.ts";

test.for([
  ["a script", "</p><script>alert(1)</script>", "&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;"],
  ["quotes that would end an attribute", `" onload='x'`, "&quot; onload=&#39;x&#39;"],
  ["an entity", "&lt;", "&amp;lt;"],
  ["the end of a CDATA section", "]]>", "]]&gt;"],
  ["a character that turns the direction of writing", "a\u202Eb", "aU+202Eb"],
  ["a NUL and an escape", "a\u0000\u001B[31m", "aU+0000U+001B[31m"],
  ["ends of lines", "a\r\nb\tc", "a\nb\tc"],
  ["what is not ASCII", "pod → VMI ü 🙂", "pod &#8594; VMI &#252; &#128578;"],
  ["half a character", "a\uD83D", "aU+D83D"],
] as const)("In a template %s is text.", ([, value, text]) => {
  expect(textOf(html`<p title="${value}">${value}</p>`)).toBe(`<p title="${text}">${text}</p>`);
});

test("A template itself is ASCII, too, without the line breaks of its source.", () => {
  const markup = html`<ul>
    <li>a → b</li>
  </ul>`;
  expect(textOf(markup)).toBe("<ul> <li>a &#8594; b</li> </ul>");
});

test("Markup in a template stays markup, in lists too, and nothing comes of what is absent.", () => {
  const items = ["<", html`<br />`, undefined, false as const, null, 0];
  expect(textOf(html`<p>${items}${trusted("<hr>")}</p>`)).toBe("<p>&lt;<br />0<hr></p>");
});

test("A value of an attribute without quotes is refused, as escaping would not hold it.", () => {
  expect(() => html`<p title=${"x"}></p>`).toThrow("The value after `<p title=` stands without quotes.");
});
