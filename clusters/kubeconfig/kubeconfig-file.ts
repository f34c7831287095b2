import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { parse, parseDocument } from "yaml";
import { z } from "zod";
import { nearest } from "../../lib/config.ts";
import { environmentError } from "../../lib/errors.ts";

/** Entries of one kind, `{ name, cluster: {...} }` say, as name and value. */
function entries(key: string) {
  const one = z.looseObject({ name: z.string(), [key]: z.looseObject({}).nullish() });
  return z
    .array(one.transform((entry) => ({ name: entry["name"] as string, value: { ...(entry[key] as object) } as Entry })))
    .nullish()
    .transform((all) => all ?? []);
}
type Entry = Record<string, unknown>;

const schema = z.looseObject({
  kind: z.literal("Config").optional(),
  clusters: entries("cluster"),
  users: entries("user"),
  contexts: entries("context"),
  "current-context": z.string().nullish(),
});

/** A kubeconfig with nothing but one context, which depends on no other file. */
export interface FlatKubeconfig {
  context: string;
  server: string;
  /** The file's content. */
  config: object;
}

/** The files that a setting or `$KUBECONFIG` names, which may be several; else `~/.kube/config`. */
export function kubeconfigPaths(given?: string): string[] {
  const text = given ?? process.env["KUBECONFIG"] ?? "";
  const paths = text.split(delimiter).filter((path) => path !== "");
  if (paths.length === 0) return [join(homedir(), ".kube/config")];
  return paths.map((path) => resolve(path.replace(/^~(?=\/)/, homedir())));
}

/** Whether a text is a kubeconfig, and not an environment file of vmesh or something else. */
export function isKubeconfig(text: string): boolean {
  const document = parseDocument(text);
  const content: unknown = document.errors.length > 0 ? undefined : document.toJS();
  return (
    typeof content === "object" &&
    content !== null &&
    "clusters" in content &&
    "contexts" in content &&
    "users" in content
  );
}

/**
 * One context of these files, by itself: certificates and keys are inside, other files are named by whole paths. `as` is
 * whom the user speaks for in every request, of istioctl's as well. Throws an environment error for a file that cannot be read or is none, and for a
 * context that is not there.
 */
export async function flatten(
  paths: readonly string[],
  { context, as }: { context?: string | undefined; as?: string | undefined } = {},
): Promise<FlatKubeconfig> {
  const files = await Promise.all(paths.map(async (path) => ({ path, content: await readOne(path) })));
  const where = paths.map((path) => `\`${path}\``).join(", ");
  const chosen = context ?? files.map(({ content }) => content["current-context"]).find(Boolean);
  if (!chosen) {
    throw environmentError(`${where} has no current context.`, {
      hint: "name one in the setting `context`, or choose it with `kubectl config use-context`",
    });
  }
  // As kubectl merges files: of what has the same name the first one counts.
  const entry = (key: "clusters" | "users" | "contexts", name: unknown) => {
    for (const { path, content } of files) {
      const found = content[key].find((one) => one.name === name);
      if (found) return { path, value: found.value };
    }
    return undefined;
  };
  const names = files.flatMap(({ content }) => content.contexts.map(({ name }) => name));
  const found = entry("contexts", chosen)?.value;
  if (!found) {
    throw environmentError(`${where} has no context \`${chosen}\`, it has: ${names.join(", ") || "none"}.`, {
      hint: `the nearest one is \`${nearest(chosen, names) ?? "none"}\``,
    });
  }
  const cluster = entry("clusters", found["cluster"]);
  const user = entry("users", found["user"]);
  const server = cluster?.value["server"];
  if (!cluster || !user || typeof server !== "string") {
    throw environmentError(`Context \`${chosen}\` of ${where} names no cluster with a server and a user of it.`);
  }
  const flatUser = { ...(await selfContained(user.value, user.path)), ...(as !== undefined && { as }) };
  const flatCluster = await selfContained(cluster.value, cluster.path);
  return {
    context: chosen,
    server,
    config: {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "cluster", cluster: flatCluster }],
      users: [{ name: "user", user: flatUser }],
      contexts: [{ name: chosen, context: { cluster: "cluster", user: "user" } }],
      "current-context": chosen,
    },
  };
}

/** Runs a look with the chosen context in a file that is gone afterwards. */
export async function withFlat<T>(
  settings: { kubeconfig?: string | undefined; context?: string | undefined; as?: string | undefined },
  look: (flat: FlatKubeconfig & { file: string }) => Promise<T>,
): Promise<T> {
  const flat = await flatten(kubeconfigPaths(settings.kubeconfig), settings);
  const folder = await mkdtemp(join(tmpdir(), "vmesh-kubeconfig-"));
  try {
    const file = join(folder, "kubeconfig");
    await writeFile(file, JSON.stringify(flat.config), { mode: 0o600 });
    return await look({ ...flat, file });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function readOne(path: string): Promise<z.infer<typeof schema>> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw environmentError(`The kubeconfig \`${path}\` cannot be read.`, {
      cause,
      hint: "name it in the setting `kubeconfig`, or in $KUBECONFIG",
    });
  });
  const result = schema.safeParse(parse(text));
  if (result.success) return result.data;
  throw environmentError(`\`${path}\` is no kubeconfig.`, { evidence: z.prettifyError(result.error) });
}

/** Keys with the path of a file whose content another key takes. */
const inlined = {
  "certificate-authority": "certificate-authority-data",
  "client-certificate": "client-certificate-data",
  "client-key": "client-key-data",
} as const;

async function selfContained(entry: Record<string, unknown>, file: string): Promise<Record<string, unknown>> {
  const absolute = (path: string) => (isAbsolute(path) ? path : join(dirname(file), path));
  const flat = { ...entry };
  for (const [key, data] of Object.entries(inlined)) {
    const path = flat[key];
    delete flat[key];
    if (typeof path !== "string" || path === "" || flat[data] !== undefined) continue;
    const content = await readFile(absolute(path)).catch((cause: unknown) => {
      throw environmentError(`\`${path}\`, the \`${key}\` of the kubeconfig \`${file}\`, cannot be read.`, { cause });
    });
    flat[data] = content.toString("base64");
  }
  // A token that is renewed stays where it is.
  if (typeof flat["tokenFile"] === "string") flat["tokenFile"] = absolute(flat["tokenFile"]);
  const plugin = flat["exec"] as { command?: string } | undefined;
  if (plugin?.command?.includes("/")) flat["exec"] = { ...plugin, command: absolute(plugin.command) };
  return flat;
}
