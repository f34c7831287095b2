import type { Target } from "../components/component.ts";
import { componentsOn } from "../components/components.ts";

/**
 * Has every component take away what it brought that is not to stay on a cluster of somebody else's. Throws an
 * environment error that says what is left; a second call tries again.
 */
export async function takeBack(target: Target): Promise<void> {
  for (const component of componentsOn(target.access)) await component.remove?.(target);
}
