import { nearest } from "../lib/config.ts";
import { usageError } from "../lib/errors.ts";

/** What the selection needs to know of a check. */
export interface Selectable {
  id: string;
  profile: "core" | "extended";
  tags: readonly string[];
}

/** Which checks a user asked for; an empty list asks for all. */
export interface Selection {
  profile: "core" | "extended";
  suite: readonly string[];
  check: readonly string[];
  tag: readonly string[];
}

/**
 * The checks of the catalog that fit all of profile, suites, names and tags, in catalog order. Throws a usage error
 * for a name that no check has, with the known and the nearest ones, and for a selection that leaves nothing.
 */
export function select<T extends Selectable>(catalog: readonly T[], selection: Selection): T[] {
  const { profile, suite, check, tag } = selection;
  demandKnown("suite", suite, catalog.map(areaOf));
  demandKnown(
    "check",
    check,
    catalog.map((entry) => entry.id),
  );
  demandKnown(
    "tag",
    tag,
    catalog.flatMap((entry) => entry.tags),
  );
  const fits = (wanted: readonly string[], has: readonly string[]) =>
    wanted.length === 0 || wanted.some((name) => has.includes(name));
  const selected = catalog.filter(
    (entry) =>
      (profile === "extended" || entry.profile === "core") &&
      fits(suite, [areaOf(entry)]) &&
      fits(check, [entry.id]) &&
      fits(tag, entry.tags),
  );
  if (selected.length > 0) return selected;
  throw usageError(`No check fits ${inWords(selection)}; there are ${catalog.length} checks.`, {
    hint: "ask for less at once; `scripts/vmesh list` shows every check with its profile and tags",
  });
}

/** Throws a usage error for the first name that is not known. */
export function demandKnown(kind: string, names: readonly string[], known: readonly string[]): void {
  const all = [...new Set(known)].toSorted();
  const stranger = names.find((name) => !all.includes(name));
  if (stranger === undefined) return;
  const close = nearest(stranger, all);
  const hint = close === undefined ? {} : { hint: `the nearest one is \`${close}\`` };
  throw usageError(`There is no ${kind} \`${stranger}\`. Known: ${all.join(", ") || "none"}.`, hint);
}

/** The area of a check: `inbound` of `inbound/declared-port`. */
function areaOf(entry: Selectable): string {
  return entry.id.split("/")[0] ?? entry.id;
}

function inWords({ profile, suite, check, tag }: Selection): string {
  const parts = Object.entries({ suite, check, tag })
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => `${kind} ${names.map((name) => `\`${name}\``).join(" or ")}`);
  return [`profile \`${profile}\``, ...parts].join(" and ");
}
