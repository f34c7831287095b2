import type { Range } from "./needles.ts";

const armor = /-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;

/** Characters of the longest private key there is in practice: RSA with 16,384 bits. */
const longestKey = 16_000;

/**
 * Where private keys stand in PEM, also in a text that was cut so that a key has lost its first or its last line.
 */
export function keyRanges(text: string): Range[] {
  const ranges: Range[] = [];
  let open: Range | undefined;
  let done = 0;
  const closeWithoutEnd = (limit: number) => {
    if (open) ranges.push({ start: open.start, end: open.end + bodyLength(text.slice(open.end, limit)) });
    open = undefined;
  };
  for (const match of text.matchAll(armor)) {
    const here = { start: match.index, end: match.index + match[0].length };
    if (match[1] === "BEGIN") {
      closeWithoutEnd(here.start);
      open = here;
      continue;
    }
    if (open && here.start - open.end > longestKey) closeWithoutEnd(here.start);
    // Without a beginning it stood before the cut.
    ranges.push({ start: open?.start ?? bodyStart(text, here.start, done), end: here.end });
    open = undefined;
    done = here.end;
  }
  closeWithoutEnd(text.length);
  return ranges;
}

/** How much of what follows a key's first line may be its body: base64 and line ends, written as such or as `\n`. */
function bodyLength(rest: string): number {
  return /^(?:\\[rnt]|[\s"',]|[A-Za-z0-9+/=]{16,})*/.exec(rest.slice(0, longestKey))?.[0].length ?? 0;
}

/** Where the body begins that ends at `end`, as far back as there is nothing but base64 and line ends. */
function bodyStart(text: string, end: number, limit: number): number {
  let start = end;
  while (start > Math.max(limit, end - longestKey) && /[A-Za-z0-9+/=\\\s"',]/.test(text.charAt(start - 1))) start -= 1;
  return start;
}
