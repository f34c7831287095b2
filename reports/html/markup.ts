const markup = Symbol("markup");

/** Text that is markup already; only `html` and `trusted` make it. */
export interface Html {
  readonly [markup]: string;
}

/** What may stand between the pieces of a template. Nothing comes of `undefined`, `null` and `false`. */
export type Content = Html | string | number | undefined | null | false | readonly Content[];

const templates = new WeakMap<TemplateStringsArray, readonly string[]>();

/**
 * Markup from a template. Whatever is put into it is text and escaped as such, unless it is markup itself. Throws a
 * `TypeError` for an attribute whose value stands without quotes, where escaping would not be enough.
 */
export function html(template: TemplateStringsArray, ...values: readonly Content[]): Html {
  const pieces = templates.get(template) ?? piecesOf(template);
  let text = pieces[0] ?? "";
  for (const [index, value] of values.entries()) text += textOf(value) + (pieces[index + 1] ?? "");
  return { [markup]: text };
}

/** The pieces without the line breaks and indents of our source; a space stands for them, as HTML takes them. */
function piecesOf(template: TemplateStringsArray): readonly string[] {
  const bare = template.slice(0, -1).find((piece) => piece.endsWith("="));
  if (bare !== undefined) throw new TypeError(`The value after \`${bare.slice(-40)}\` stands without quotes.`);
  const pieces = template.map((piece) => piece.replace(/\s*\n\s*/g, " ").replace(/[^\t\n -~]/gu, byNumber));
  templates.set(template, pieces);
  return pieces;
}

/** Our own markup, style or script, which is not escaped. */
export function trusted(text: string): Html {
  return { [markup]: text };
}

/** Markup as the text that a file holds; anything else escaped. */
export function textOf(value: Content): string {
  if (value === undefined || value === null || value === false) return "";
  if (typeof value === "string") return escaped(value);
  if (typeof value === "number") return String(value);
  if (isList(value)) return value.map(textOf).join("");
  return value[markup];
}

function isList(value: Html | readonly Content[]): value is readonly Content[] {
  return Array.isArray(value);
}

/** Characters that mean something in HTML, and all that are not ASCII: browsers read a page of ASCII alone much faster. */
const special = /[^\t\n -~]|[&<>"']/u;
const everySpecial = new RegExp(special, "gu");

/** Characters that nobody sees, among them those that turn the direction of writing, and halves of characters. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "\r": "",
};

function escaped(text: string): string {
  return special.test(text)
    ? text.replace(everySpecial, (character) => entities[character] ?? byNumber(character))
    : text;
}

/** A character by its number: as one that is read like any other, or, if nobody would see it, as `U+202E`. */
function byNumber(character: string): string {
  const number = character.codePointAt(0) ?? 0;
  return unseen.test(character) ? `U+${number.toString(16).toUpperCase().padStart(4, "0")}` : `&#${number};`;
}
