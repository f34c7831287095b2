import { keyRanges } from "./keys.ts";
import { withoutRanges } from "./needles.ts";

/** What stands where a secret stood. */
export const mask = "[masked]";

/** How often what was base64 is looked at again: a kubeconfig in a Secret holds keys in base64. */
const depth = 2;

/** Secrets that a name or a scheme before them gives away; the first group stays. All repetitions are bounded or final. */
const named = [
  /((?:client-key-data|pass(?:word|wd|phrase)|(?:secret|api|access|private)[-_]?key|inline_bytes)\\?["']?\s{0,8}[:=]\s{0,8}\\?["']?)[^\s"',;{}[\]\\]{4,}/gi,
  /((?:token|secret)\\?["']?\s{0,8}[:=]\s{0,8}\\?["']?)[^\s"',;{}[\]\\]{16,}/gi,
  /(\bbearer\s{1,4})[A-Za-z0-9._~+/=-]{16,}/gi,
  /(authorization\\?["']?\s{0,8}[:=]\s{0,8}\\?["']?(?:basic|digest|negotiate)\s{1,4})[^\s"'\\,]{4,}/gi,
  /(:\/\/[^\s/:@"']{0,64}:)[^\s/@"']{1,256}(?=@)/g,
  // A token by which a node joins a cluster of kubeadm.
  /()\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g,
];

/**
 * The text with everything masked that looks like a secret: private keys, JSON web tokens, bearer tokens, bootstrap
 * tokens, values of names like `password`, and all of these in base64. Its time grows with the text's length alone.
 */
export function withoutShapes(text: string, left: number = depth): string {
  let result = withoutRanges(text, keyRanges(text), mask);
  for (const pattern of named) result = result.replace(pattern, `$1${mask}`);
  if (left > 0) result = withoutWrapped(result, left);
  return result.replace(/[A-Za-z0-9_.~+/=-]{16,}/g, (run) => withoutToken(run, left));
}

const fullLine = /^\s{0,16}[A-Za-z0-9+/_-]{16,}={0,2}\s{0,4}$/;
const lastLine = /^\s{0,16}[A-Za-z0-9+/_-]{1,15}={0,2}\s{0,4}$/;

/** Lines that follow one another and hold nothing but base64 are one text, of which the last line may be short. */
function withoutWrapped(text: string, left: number): string {
  const result: string[] = [];
  let group: string[] = [];
  const flush = () => {
    const hidden = group.length > 1 && holdsSecret(group.join("").replaceAll(/\s/g, ""), left);
    result.push(...(hidden ? [mask] : group));
    group = [];
  };
  for (const line of text.split("\n")) {
    const belongs = fullLine.test(line) || (group.length > 0 && lastLine.test(line));
    if (!belongs) flush();
    group.push(line);
    if (!fullLine.test(line)) flush();
  }
  flush();
  return result.join("\n");
}

/** One run of the characters of which tokens are made. */
function withoutToken(run: string, left: number): string {
  const start = webTokenStart(run);
  if (start !== undefined) return run.slice(0, start) + mask;
  if (left > 0 && run.split(/[^A-Za-z0-9+/_-]+/).some((piece) => holdsSecret(piece, left))) return mask;
  return run;
}

/** Where a JSON web token begins: `eyJ` is how `{"` begins in base64, and a part follows it after a full stop. */
function webTokenStart(run: string): number | undefined {
  let offset = 0;
  const parts = run.split(".");
  for (const [index, part] of parts.entries()) {
    const at = part.indexOf("eyJ");
    if (at >= 0 && part.length - at >= 12 && (parts[index + 1] ?? "").length >= 8) return offset + at;
    offset += part.length + 1;
  }
  return undefined;
}

/** What `PRIVATE KEY--` is in base64, at the three places where it may begin. */
const keyInBase64 = ["UFJJVkFURSBLRVktL", "QUklWQVRFIEtFWS0t", "BSSVZBVEUgS0VZLS"];

function holdsSecret(base64: string, left: number): boolean {
  if (base64.length < 24) return false;
  if (keyInBase64.some((core) => base64.includes(core))) return true;
  const text = Buffer.from(base64, "base64").toString("latin1");
  return withoutShapes(text, left - 1) !== text;
}
