import { environmentError } from "../../lib/errors.ts";
import type { Component, Facts, Target } from "./component.ts";

/** What became of one component. */
export type Brought =
  | { state: "found" | "installed"; version: string; facts: Facts }
  | { state: "missing"; reason: string };

/**
 * Uses the component that is on the cluster, or installs it where that is allowed, and has it prove itself. `unmet` is
 * why something that it needs is not there, if it is not. Throws an environment error if it does not become ready, and if it was asked for by name
 * but cannot be installed.
 */
export async function bring(
  component: Component,
  { target, unmet, signal }: { target: Target; unmet: string | undefined; signal: AbortSignal },
): Promise<Brought> {
  const absent = component.absent?.(target);
  if (absent !== undefined) return { state: "missing", reason: absent };
  // On a cluster that is to get everything there is nothing yet.
  const found = target.access.install === "everything" ? undefined : await component.find?.(target, signal);
  if (typeof found === "object") return { state: "missing", reason: found.unusable };
  if (found === undefined) {
    const obstacle = whyNot(component, target, unmet);
    if (obstacle !== undefined) return { state: "missing", reason: obstacle };
    await component.install(target, signal);
  } else {
    target.log.info(`${found} is there already and used as it is`);
  }
  const facts = (await component.prove?.(target, signal)) ?? {};
  return { state: found === undefined ? "installed" : "found", version: await component.version(target), facts };
}

/** Why a component that is not there is not installed. */
function whyNot(component: Component, target: Target, unmet: string | undefined): string | undefined {
  const { install } = target.access;
  const { name } = component;
  if (install === "everything") return undefined;
  const asked = typeof install === "object" && install.includes(name);
  if (typeof install === "object" && !asked) {
    return `\`${name}\` is not on the cluster, and was not to be installed`;
  }
  const lacked = component.lacks?.(target);
  const obstacle = unmet ?? (lacked === undefined ? undefined : `\`${name}\` is not on the cluster, and ${lacked}`);
  if (obstacle === undefined || !asked) return obstacle;
  throw environmentError(`Component \`${name}\` was to be installed, which is not possible: ${obstacle}.`);
}
