import { environmentError } from "../../lib/errors.ts";
import type { Component } from "./component.ts";

/** The components with everything before a component that it needs or comes after. Throws for an unknown need and for a circle. */
export function inOrder(list: readonly Component[]): Component[] {
  const byName = new Map(list.map((component) => [component.name, component]));
  const ordered: Component[] = [];
  const visit = (component: Component, path: readonly string[]) => {
    if (ordered.includes(component)) return;
    if (path.includes(component.name)) {
      throw environmentError(`Components need each other in a circle: ${[...path, component.name].join(" → ")}.`);
    }
    for (const need of before(component)) {
      const needed = byName.get(need);
      if (!needed) throw environmentError(`Component \`${component.name}\` needs \`${need}\`, which does not exist.`);
      visit(needed, [...path, component.name]);
    }
    ordered.push(component);
  };
  for (const component of list) visit(component, []);
  return ordered;
}

/** The components that are waited for before anything is done about this one. */
export function before({ needs, after = [] }: Component): readonly string[] {
  return [...needs, ...after];
}
