import { formsOf } from "./redact/forms.ts";
import { keyRanges } from "./redact/keys.ts";
import { needleSearch, withoutRanges } from "./redact/needles.ts";
import { mask, withoutShapes } from "./redact/shapes.ts";

export { mask } from "./redact/shapes.ts";

/** A text without the secrets in it. */
export type Redact = (text: string) => string;

/** Characters of the shortest value that can be masked. */
const shortest = 4;

/**
 * Masks these values, in every form in which a text may hold them, and whatever looks like a secret. A second line of
 * defence: what is secret is not collected in the first place. Values of less than four characters are left alone.
 */
export function redactor(known: Iterable<string> = []): Redact {
  const forms = [...new Set(known)].flatMap(formsOf).map((form) => [form, undefined] as const);
  const find = needleSearch(forms, shortest);
  return (text) => {
    // Both in the text as it was: a known key has its first line in common with others, which are known by that line.
    const unknown = withoutRanges(text, [...keyRanges(text), ...find(text)], mask);
    const shaped = withoutShapes(unknown);
    return shaped.replaceAll(/(?:\[masked\]){2,}/g, mask);
  };
}

const redactShapes = redactor();

/** Plain data with every text in it redacted by the look of secrets; the names in it stay. */
export function redacted<T>(data: T): T {
  const text = JSON.stringify(data, (_, value: unknown) => (typeof value === "string" ? redactShapes(value) : value));
  return text === undefined ? data : (JSON.parse(text) as T);
}
