import { readFile } from "node:fs/promises";
import { type AccessNeeds, rulesFor } from "../clusters/rights/access.ts";
import { loadCatalog } from "../lib/catalog.ts";
import type { CheckEntry } from "../lib/check.ts";
import { type Flags, loadConfig } from "../lib/config.ts";
import { exitCodes, usageError } from "../lib/errors.ts";
import { rbacObjects, rbacYaml } from "./rbac-manifest.ts";
import { select } from "./select.ts";

/** What an account's name and a namespace's may be. */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * `rbac`: the rights that a run of the selected checks needs on a cluster with all components, as objects that give them to
 * a ServiceAccount. Returns the exit code.
 */
export async function rbac({ config: file, json, yaml, account, ...flags }: Flags): Promise<number> {
  const config = await loadConfig(flags, file as string | undefined);
  const [namespace = "", name = "", ...more] = String(account).split("/");
  if (more.length > 0 || !label.test(namespace) || !label.test(name)) {
    throw usageError(`\`--account ${account}\` names no ServiceAccount, expected \`NAMESPACE/NAME\`.`);
  }
  const rules = rulesFor(await accessNeeds(select(await loadCatalog(), config)));
  const list = () => ({ apiVersion: "v1", kind: "List", items: rbacObjects(rules, { namespace, name }) });
  process.stdout.write(json && !yaml ? `${JSON.stringify(list(), null, 2)}\n` : rbacYaml(rules, { namespace, name }));
  return exitCodes.conformant;
}

/** What the rights for these checks depend on: the kinds in the YAML beside them, and what they need. */
export async function accessNeeds(checks: readonly CheckEntry[]): Promise<AccessNeeds> {
  const texts = checks.map(({ file }) => readFile(file.replace(/\.test\.ts$/, ".yaml"), "utf8"));
  const kinds = (await Promise.all(texts)).flatMap((text) =>
    [...text.matchAll(/^kind: (\w+)$/gm)].map(([, kind = ""]) => kind),
  );
  return { kinds: new Set(kinds), needs: new Set(checks.flatMap(({ needs }) => needs)) };
}
