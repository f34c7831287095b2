import { expect, test } from "vitest";
import type { Kube } from "../../lib/kube.ts";
import { createLog } from "../../lib/log.ts";
import type { Target } from "./component.ts";
import { withProbeNamespace } from "./probe.ts";

/** A cluster that makes namespaces and removes them, or refuses to. */
function targetWith(refusal?: Error, goingFor = 0) {
  const seen = { events: [] as string[], lines: [] as string[] };
  let looks = 0;
  const kube = {
    get: async ({ apiVersion, kind, name }) => {
      looks += 1;
      if (looks > goingFor) return undefined;
      seen.events.push(`${name} is going`);
      return { apiVersion, kind, metadata: { name, deletionTimestamp: "2026-01-01T00:00:00Z" } };
    },
    apply: async (objects) => objects.forEach(({ metadata }) => void seen.events.push(`apply ${metadata.name}`)),
    remove: async ({ name }) => {
      seen.events.push(`remove ${name}`);
      if (refusal) throw refusal;
    },
  } satisfies Partial<Kube> as unknown as Kube;
  const target = { kube, log: createLog({ write: (line) => seen.lines.push(line) }), access: {} } as Target;
  return { target, seen };
}

const options = { name: "p", signal: new AbortController().signal };
const failing = async () => {
  throw new Error("no proxy");
};

test("A probe has a namespace of its own, which goes with it.", async () => {
  const { target, seen } = targetWith();
  expect(await withProbeNamespace(target, options, async ({ name }) => `in ${name}`)).toBe("in p");
  await expect(withProbeNamespace(target, options, failing)).rejects.toThrow("no proxy");
  expect(seen).toEqual({ events: ["apply p", "remove p", "apply p", "remove p"], lines: [] });
});

test("A probe waits until the namespace of an earlier one has gone, which would take along what is put into it.", async () => {
  const { target, seen } = targetWith(undefined, 2);
  await withProbeNamespace(target, options, async () => {});
  expect(seen.events).toEqual(["p is going", "p is going", "apply p", "remove p"]);
});

test("Of a probe that failed evidence is taken while its namespace is there; of one that was interrupted none is.", async () => {
  const { target, seen } = targetWith();
  const keepEvidence = async (name: string) => void seen.events.push(`evidence ${name}`);
  await expect(withProbeNamespace({ ...target, keepEvidence }, options, failing)).rejects.toThrow("no proxy");
  const interrupt = new AbortController();
  const interrupted = withProbeNamespace({ ...target, keepEvidence }, { ...options, signal: interrupt.signal }, () => {
    interrupt.abort();
    return failing();
  });
  await expect(interrupted).rejects.toThrow("no proxy");
  expect(seen.events).toEqual(["apply p", "evidence p", "remove p", "apply p", "remove p"]);
});

test("The error of a probe wins over one of removing its namespace, which is told.", async () => {
  const { target, seen } = targetWith(new Error("API server gone"));
  await expect(withProbeNamespace(target, options, failing)).rejects.toThrow("no proxy");
  expect(seen.lines.join("")).toContain("namespace `p` is left behind: API server gone");
});

test("A namespace that cannot be removed fails a probe that succeeded.", async () => {
  const { target } = targetWith(new Error("API server gone"));
  await expect(withProbeNamespace(target, options, async () => {})).rejects.toThrow("API server gone");
});

test.each([
  { labels: { "istio-injection": "enabled" }, applied: ["apply p", "apply istio-cni"] },
  { labels: { "istio.io/rev": "1-31-1" }, applied: ["apply p", "apply istio-cni"] },
  { labels: {}, applied: ["apply p"] },
])(
  "Where each namespace needs Istio's network, a probe's one with $labels has $applied.",
  async ({ labels, applied }) => {
    const { target, seen } = targetWith();
    const access = { mesh: { attachmentPerNamespace: true } } as Target["access"];
    await withProbeNamespace({ ...target, access }, { ...options, labels }, async () => {});
    expect(seen.events.filter((event) => event.startsWith("apply"))).toEqual(applied);
  },
);
