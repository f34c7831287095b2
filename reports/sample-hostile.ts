import type { RunReport } from "./model.ts";
import { failingRun } from "./sample-faults.ts";

/** Text that ends every context in which a careless writer would put it, and then does harm; no line holds its end. */
export const hostileText =
  `<script>window.harm=1</script><img src=x onerror="window.harm=2">" onfocus="window.harm=3" ' ]]>` +
  "</pre></noscript></details></style></script></title></svg>--><!-- &lt; {{7*7}} ${7*7} \u202E\u0000" +
  "w".repeat(200);

/** What is no free text: words of ours, moments, and the kind of a peer. */
const fixed = ["outcome", "phase", "verdict", "profile", "kind", "startedAt"];

/** The failing run with hostile text in every field that can hold text, in names as well as in values. */
export function hostileRun(): RunReport {
  return spoilt(failingRun()) as RunReport;
}

function spoilt(value: unknown): unknown {
  if (typeof value === "string") return value + hostileText;
  if (Array.isArray(value)) return value.map(spoilt);
  if (typeof value !== "object" || value === null) return value;
  const isRecord = (key: string) => ["versions", "host", "selection", "capabilities", "properties"].includes(key);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (fixed.includes(key)) return [key, inner];
      return [key, isRecord(key) ? renamed(inner as object) : spoilt(inner)];
    }),
  );
}

function renamed(record: object): object {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name + hostileText, spoilt(value)]));
}
