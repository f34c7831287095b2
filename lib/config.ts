import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { usageError } from "./errors.ts";

const schema = z.strictObject({
  /** How to get a cluster: a name from the provider registry. */
  provider: z.string().min(1).default("lab"),
  /** Nodes to start; checks that need two are skipped on one. */
  nodes: z.int().min(1).max(9).default(1),
  /** `core`, or `extended`, which includes core. */
  profile: z.enum(["core", "extended"]).default("extended"),
  suite: z.array(z.string()).default([]),
  check: z.array(z.string()).default([]),
  tag: z.array(z.string()).default([]),
  feature: z.array(z.string()).default([]),
  /** `2/3`: the second of three parts of the selection, for machines that share a run. */
  shard: z
    .string()
    .regex(/^[1-9]\d*\/[1-9]\d*$/, "expected a part and their number, `2/3`")
    .refine((text) => Number(text.split("/")[0]) <= Number(text.split("/")[1]), "there are fewer parts than that")
    .optional(),
  /** Only checks that were red or flaky in the latest run below `out`. */
  lastFailed: z.boolean().default(false),
  /** In an order that the seed decides; else as the catalog has them. */
  shuffle: z.boolean().default(true),
  /** How often every check runs. */
  repeat: z.int().min(1).max(10_000).optional(),
  /** Repeats, as often as `repeat` says or without end, until a check is red. */
  untilFailure: z.boolean().default(false),
  /** How often a red check is tried again. */
  retry: z.int().min(0).max(10).default(0),
  /** After a red check none begins. */
  failFast: z.boolean().default(false),
  /** A red check waits with its namespaces as they are until somebody at the terminal lets it go on. */
  pauseOnFailure: z.boolean().default(false),
  /** Use a cluster that is there: `current`, or the path of its environment file. */
  cluster: z.string().min(1).optional(),
  /** Report folder; each run makes one of its own inside. */
  out: z.string().min(1).default("reports/out"),
  /** Checks that run at a time; as many as processors when not given, and at most 4. */
  workers: z.int().min(1).max(16).optional(),
  /** Leave the cluster and the namespaces of red checks up. */
  keep: z.boolean().default(false),
  /** Factor on all durations; what the provider measured when not given. */
  timeScale: z.number().positive().max(100).optional(),
  /** `strict` leaves out what the Surefire schema forbids. */
  junit: z.enum(["default", "strict"]).default("default"),
  /** A skipped core check makes the exit code 5. */
  requireAll: z.boolean().default(false),
  /** A flaky check, one that passed only at a later try, makes the run red. */
  failOnFlaky: z.boolean().default(false),
  /** Which versions, by the name of a set under `clusters/versions/`; `lab` for the lab and `current` else, when not given. */
  versions: z.string().min(1).optional(),
  /** What takes the place of scheme and host of downloads, and of the registry of images. */
  mirror: z
    .string()
    .regex(/^(https?:\/\/)?[\w.-]+(:\d+)?(\/[\w./-]+)?$/, "expected a prefix such as `mirror.example/upstream`")
    .optional(),
  /** Nothing is fetched: what is not in the cache is an error. */
  offline: z.boolean().default(false),
  /** On a cluster that is there: components to install where they are missing, by name, or `missing` for all of them. */
  install: z.array(z.string().min(1)).optional(),
  /** On a cluster that is there: whom every request speaks for, `system:serviceaccount:NAMESPACE:NAME`. */
  as: z.string().min(1).optional(),
  /** The lab's Istio and KubeVirt: built from modules, or as their projects release them; over `settings.lab.artifacts`. */
  artifacts: z.enum(["build", "upstream"]).optional(),
  /** A section for each provider, which checks its own: `lab: {...}`. */
  settings: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});

/** All settings of a run, validated, with defaults. */
export type Config = Readonly<z.output<typeof schema>>;
export type Flags = Readonly<Record<string, unknown>>;

/**
 * Settings from flags, then the file, then defaults; a flag that is `undefined` was not given. Without `file` the
 * file `vmesh.yaml` in the current folder is read if it exists. Throws a usage error that names the key, where it is
 * written and, for an unknown one, the nearest known key.
 */
export async function loadConfig(flags: Flags, file?: string): Promise<Config> {
  const path = file ?? "vmesh.yaml";
  const fromFile = await readConfigFile(path, file !== undefined);
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  reject(fromFile, (key) => `\`${key}\` in \`${path}\``);
  reject(given, (key) => `flag \`--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}\``);
  return deepFreeze(schema.parse({ ...fromFile, ...given }));
}

async function readConfigFile(path: string, required: boolean): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (!required && (cause as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw usageError(`The configuration file \`${path}\` cannot be read.`, { cause });
  }
  let value: unknown;
  try {
    value = parse(text) ?? {};
  } catch (cause) {
    throw usageError(`The configuration file \`${path}\` is not valid YAML.`, { cause });
  }
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  const got = Array.isArray(value) ? "a list" : `the ${typeof value} ${JSON.stringify(value)}`;
  throw usageError(`The configuration file \`${path}\` holds ${got}, expected keys and values.`);
}

/** Judges one source by itself, so that the message can say where a bad value is written. */
function reject(values: Record<string, unknown>, place: (key: string) => string): void {
  const known = Object.keys(schema.shape);
  for (const key of Object.keys(values)) {
    if (known.includes(key)) continue;
    throw usageError(`${place(key)} is no setting.`, { hint: `the nearest one is \`${nearest(key, known)}\`` });
  }
  const result = schema.safeParse(values);
  if (result.success) return;
  const [issue] = result.error.issues;
  const [key = "", ...rest] = issue?.path.map(String) ?? [];
  const inside = rest.length > 0 ? `, at \`${rest.join(".")}\`` : "";
  const got = JSON.stringify(values[key]);
  throw usageError(
    `The value ${got} of ${place(key)} is not allowed${inside}: ${issue?.message ?? "it is not valid"}.`,
  );
}

/** The name with the fewest single-letter edits to `word`. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const distance = (a: string, b: string) => {
    let row = Array.from({ length: b.length + 1 }, (_, column) => column);
    for (const [line, letter] of [...a].entries()) {
      const next = [line + 1];
      for (const [column, other] of [...b].entries()) {
        const change = (row[column] ?? 0) + (letter === other ? 0 : 1);
        next.push(Math.min(change, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
      }
      row = next;
    }
    return row.at(-1) ?? 0;
  };
  const lower = word.toLowerCase();
  return names.toSorted((a, b) => distance(lower, a.toLowerCase()) - distance(lower, b.toLowerCase()))[0];
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}
