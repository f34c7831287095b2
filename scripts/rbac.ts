import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type AccessNeeds, kindName, rulesFor } from "../clusters/rights/access.ts";
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
  const starlingx = config.settings["kubeconfig"]?.["starlingx"] !== undefined;
  const rules = rulesFor({ ...(await accessNeeds(select(await loadCatalog(), config))), starlingx });
  const list = () => ({ apiVersion: "v1", kind: "List", items: rbacObjects(rules, { namespace, name }) });
  process.stdout.write(json && !yaml ? `${JSON.stringify(list(), null, 2)}\n` : rbacYaml(rules, { namespace, name }));
  return exitCodes.conformant;
}

const bookinfo = join(import.meta.dirname, "../suites/base/bookinfo.yaml");

/** What the rights for these checks depend on: the kinds in the YAML beside them and in Bookinfo's, and what they need. */
export async function accessNeeds(checks: readonly CheckEntry[]): Promise<AccessNeeds> {
  const needs = new Set(checks.flatMap((check) => check.needs));
  const files = checks.map(({ file }) => file.replace(/\.test\.ts$/, ".yaml"));
  if (needs.has("bookinfo")) files.push(bookinfo);
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return { kinds: new Set(texts.flatMap(kindsIn)), needs };
}

function kindsIn(text: string): string[] {
  const kinds = text.matchAll(/^apiVersion: (?:(\S+)\/)?\S+\nkind: (\w+)$/gm);
  return [...kinds].map(([, group = "", kind = ""]) => kindName(group, kind));
}
