import { parse as parseTags } from "@cucumber/tag-expressions";
import { nearest } from "../lib/config.ts";
import { usageError } from "../lib/errors.ts";

/** What the selection needs to know of a check. */
export interface Selectable {
  id: string;
  profile: "core" | "extended";
  tags: readonly string[];
  needs: readonly string[];
}

/** Which checks a user asked for; an empty list asks for all. */
export interface Selection {
  profile: "core" | "extended";
  suite: readonly string[];
  /** Names and `/regular expressions/`, with `!` before what is not wanted. */
  check: readonly string[];
  /** Expressions over tags with `and`, `or`, `not` and parentheses; one of them has to be true. */
  tag: readonly string[];
  /** Capabilities that a check needs, with `!` before what it must not need. */
  feature: readonly string[];
  /** `i/n`: the i-th of n parts. */
  shard?: string | undefined;
}

/**
 * The checks of the catalog that fit all of profile, suites, names, tags and features, in catalog order, or the asked
 * for part of them. Throws a usage error for a name that no check has, with the known and the nearest ones, for an
 * expression that cannot be read, and for a selection that leaves nothing.
 */
export function select<T extends Selectable>(catalog: readonly T[], selection: Selection): T[] {
  const { profile, suite, shard } = selection;
  demandKnown("suite", suite, catalog.map(areaOf));
  const fits = [
    (entry: T) => profile === "extended" || entry.profile === "core",
    (entry: T) => suite.length === 0 || suite.includes(areaOf(entry)),
    byName(catalog, selection.check),
    byTags(catalog, selection.tag),
    byFeatures(catalog, selection.feature),
  ];
  const selected = catalog.filter((entry) => fits.every((fit) => fit(entry)));
  const part = shard === undefined ? selected : shardOf(selected, shard);
  if (part.length > 0) return part;
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

type Fit = (entry: Selectable) => boolean;

function byName(catalog: readonly Selectable[], wishes: readonly string[]): Fit {
  const ids = catalog.map(({ id }) => id);
  return wantedAndNot(wishes, (wish) => {
    const pattern = /^\/(.*)\/$/.exec(wish)?.[1];
    if (pattern === undefined) {
      demandKnown("check", [wish], ids);
      return ({ id }) => id === wish;
    }
    const expression = regularExpression(pattern);
    if (!ids.some((id) => expression.test(id))) throw usageError(`No check has a name that \`${wish}\` matches.`);
    return ({ id }) => expression.test(id);
  });
}

function byFeatures(catalog: readonly Selectable[], wishes: readonly string[]): Fit {
  const known = catalog.flatMap(({ needs }) => needs);
  return wantedAndNot(wishes, (wish) => {
    demandKnown("feature", [wish], known);
    return ({ needs }) => needs.includes(wish);
  });
}

/** One of the wishes without `!`, if there are any, and none of those with it. */
function wantedAndNot(wishes: readonly string[], fitOf: (wish: string) => Fit): Fit {
  const [unwanted = [], wanted = []] = [true, false].map((not) =>
    wishes.filter((wish) => wish.startsWith("!") === not).map((wish) => fitOf(wish.replace(/^!/, ""))),
  );
  return (entry) => (wanted.length === 0 || wanted.some((fit) => fit(entry))) && !unwanted.some((fit) => fit(entry));
}

function byTags(catalog: readonly Selectable[], expressions: readonly string[]): Fit {
  const known = catalog.flatMap(({ tags }) => tags);
  const trees = expressions.map((text) => {
    const words = text.split(/[\s()]+/).filter((word) => word !== "" && !["and", "or", "not"].includes(word));
    demandKnown("tag", words, known);
    try {
      return parseTags(text);
    } catch (cause) {
      const hint = "an expression is like `vm and not (dns or lifecycle)`";
      throw usageError(`The tag expression \`${text}\` cannot be read.`, { cause, hint });
    }
  });
  return ({ tags }) => trees.length === 0 || trees.some((tree) => tree.evaluate([...tags]));
}

function regularExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (cause) {
    throw usageError(`\`/${pattern}/\` is not a regular expression.`, { cause });
  }
}

/** Every n-th check, so that each part has some of every area. */
function shardOf<T>(entries: readonly T[], shard: string): T[] {
  const [part = 1, parts = 1] = shard.split("/").map(Number);
  return entries.filter((_, index) => index % parts === part - 1);
}

/** The area of a check: `inbound` of `inbound/declared-port`. */
function areaOf(entry: Selectable): string {
  return entry.id.split("/")[0] ?? entry.id;
}

function inWords({ profile, suite, check, tag, feature, shard }: Selection): string {
  const parts = Object.entries({ suite, check, tag, feature, shard: shard === undefined ? [] : [shard] })
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => `${kind} ${names.map((name) => `\`${name}\``).join(" or ")}`);
  return [`profile \`${profile}\``, ...parts].join(" and ");
}
