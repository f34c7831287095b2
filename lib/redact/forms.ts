/** What is looked for of a long secret, in characters: a piece of it betrays it as well. */
const windowLength = 64;

/** Less of a secret's base64 form could stand anywhere by chance. */
const shortestCore = 10;

/** Shorter lines of a longer value stand in other texts as well, and so does the armour of keys. */
const shortestLine = 8;

/**
 * The ways in which a text may hold a value: as it is, in JSON, in a URL, in base64 at each of the three places where it
 * may begin, and each line of several. Long ones are cut into pieces of 64 characters, the last of which overlaps.
 */
export function formsOf(value: string): string[] {
  const lines = value
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.length >= shortestLine && !line.startsWith("-----"));
  const wholes = [value.trim(), JSON.stringify(value).slice(1, -1), encodedForUrl(value), ...lines];
  const encoded = [value, ...lines].flatMap(base64Cores).filter((core) => core.length >= shortestCore);
  return [...new Set([...wholes, ...encoded].filter((form) => form !== "").flatMap(windows))];
}

/**
 * The characters of a base64 text that do not depend on what stands before and after the value, for each of the three
 * offsets, in the alphabets of MIME and of URLs.
 */
function base64Cores(value: string): string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].flatMap((offset) => {
    const from = Math.ceil((offset * 8) / 6);
    const to = Math.floor(((offset + bytes.length) * 8) / 6);
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
    return (["base64", "base64url"] as const).map((alphabet) => shifted.toString(alphabet).slice(from, to));
  });
}

function windows(form: string): string[] {
  if (form.length <= windowLength) return [form];
  const count = Math.floor(form.length / windowLength);
  const whole = Array.from({ length: count }, (_, index) =>
    form.slice(index * windowLength, (index + 1) * windowLength),
  );
  return [...whole, form.slice(-windowLength)];
}

/** Half a surrogate pair has no form in a URL. */
function encodedForUrl(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}
