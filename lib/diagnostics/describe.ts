import { stringify } from "yaml";
import { describeRef, type KubeObject, refOf } from "../kube.ts";

/**
 * What of an object may be shown: `true` shows a single value, `"names"` the names in a map but not what they stand
 * for, a list with one element each element of a list, a map what it names, and with `*` every other entry, too. Everything else stays
 * unseen.
 */
export type Shown = true | "names" | readonly [Shown] | { readonly [name: string]: Shown };

/** Characters of one value. */
const valueLength = 500;

/** An object in some lines of YAML below a line that names it, with the shown fields alone. */
export function describeObject(object: KubeObject, shown: Shown): string {
  const visible = show(object, shown);
  const lines = visible === undefined ? "" : stringify(visible, { lineWidth: 0 }).replaceAll(/^/gm, "  ").trimEnd();
  return `${describeRef(refOf(object))}\n${lines}\n`;
}

function show(value: unknown, shown: Shown): unknown {
  if (value === undefined || value === null) return undefined;
  if (shown === true) return typeof value === "object" ? undefined : shortened(value);
  if (shown === "names") return isMap(value) && Object.keys(value).length > 0 ? Object.keys(value) : undefined;
  if (isList(shown)) return Array.isArray(value) ? nonEmpty(value.map((item) => show(item, shown[0]))) : undefined;
  if (!isMap(value)) return undefined;
  const names = "*" in shown ? Object.keys(value) : Object.keys(shown);
  const entries = names.flatMap((name) => {
    const inner = Object.hasOwn(shown, name) ? shown[name] : shown["*"];
    return inner === undefined ? [] : [[name, show(value[name], inner)] as const];
  });
  const visible = entries.filter(([, inner]) => inner !== undefined);
  return visible.length > 0 ? Object.fromEntries(visible) : undefined;
}

function shortened(value: unknown): unknown {
  return typeof value === "string" && value.length > valueLength ? `${value.slice(0, valueLength)} …` : value;
}

function nonEmpty(items: readonly unknown[]): unknown {
  const visible = items.filter((item) => item !== undefined);
  return visible.length > 0 ? visible : undefined;
}

function isList(shown: Shown): shown is readonly [Shown] {
  return Array.isArray(shown);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
