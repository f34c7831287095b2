import { describe, expect, test } from "vitest";
import { createLog } from "../../lib/log.ts";
import type { ClusterAccess } from "../provider.ts";
import type { Component, Target } from "./component.ts";
import { type ComponentRecord, components, installComponents } from "./components.ts";
import { inOrder } from "./order.ts";

function targetThat(install: ClusterAccess["install"]): Target {
  return { access: { install, versions: {} }, log: createLog({ write: () => {} }) } as unknown as Target;
}
const target = targetThat("everything");

function component(name: string, needs: string[] = [], install: Component["install"] = async () => {}): Component {
  return { name, needs, provides: [], namespaces: [], install, version: async () => "v1" };
}

describe("inOrder", () => {
  test("The real components can be ordered.", () => {
    expect(inOrder(components)).toHaveLength(components.length);
  });

  test("A component comes after everything it needs.", () => {
    const order = inOrder([component("c", ["b"]), component("a"), component("b", ["a"])]);
    expect(order.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  test("A circle is an error that shows the way round.", () => {
    expect(() => inOrder([component("a", ["b"]), component("b", ["a"])])).toThrow("circle: a → b → a");
  });

  test("A need that nothing meets is an error that names both.", () => {
    expect(() => inOrder([component("a", ["b"])])).toThrow("`a` needs `b`, which does not exist");
  });
});

describe("installComponents", () => {
  test("Independent components are installed at the same time, dependent ones afterwards.", async () => {
    const events: string[] = [];
    const both = Promise.withResolvers<void>();
    const meet = (name: string) => async () => {
      events.push(name);
      if (events.length === 2) both.resolve();
      await both.promise;
    };
    const last = component("c", ["a", "b"], async () => void events.push("c"));
    await installComponents(target, {
      signal: AbortSignal.timeout(5000),
      list: [last, component("a", [], meet("a")), component("b", [], meet("b"))],
    });
    expect(events).toEqual(["a", "b", "c"]);
  });

  test("The first failure is thrown, recorded once, and stops the others.", async () => {
    const records: string[] = [];
    const waiting = component("slow", [], (_, signal) => {
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    const broken = component("broken", [], async () => {
      throw new Error("no image");
    });
    const after = component("after", ["broken"]);
    const done = installComponents(target, {
      signal: AbortSignal.timeout(5000),
      list: [waiting, broken, after],
      onComponent: ({ name, error }) => void records.push(`${name}: ${String(error)}`),
    });
    await expect(done).rejects.toThrow("no image");
    expect(records).toEqual(["broken: Error: no image"]);
  });
});

describe("on a cluster of somebody else's", () => {
  const signal = AbortSignal.timeout(5000);

  /** Notes what is done to components of which some are there already. */
  function scene(there: readonly string[]) {
    const done: string[] = [];
    const one = (name: string, extra: Partial<Component> = {}): Component => ({
      ...component(name, [], async () => void done.push(`install ${name}`)),
      provides: ["multus"],
      find: async () => (there.includes(name) ? "v0" : undefined),
      prove: async () => void done.push(`prove ${name}`),
      ...extra,
    });
    return { done, one };
  }

  test.each<{ install: ClusterAccess["install"]; there: string[]; done: string[]; multus: true | string }>([
    { install: "everything", there: ["a"], done: ["install a", "prove a"], multus: true },
    { install: "missing", there: [], done: ["install a", "prove a"], multus: true },
    { install: "missing", there: ["a"], done: ["prove a"], multus: true },
    { install: ["a"], there: [], done: ["install a", "prove a"], multus: true },
    { install: ["a"], there: ["a"], done: ["prove a"], multus: true },
    { install: [], there: ["a"], done: ["prove a"], multus: true },
    { install: [], there: [], done: [], multus: "`a` is not on the cluster, and was not to be installed" },
  ])("With $install to install and $there there, this is done: $done.", async ({ install, there, done, multus }) => {
    const { done: seen, one } = scene(there);
    const records: ComponentRecord[] = [];
    const options = { signal, list: [one("a")], onComponent: (record: ComponentRecord) => void records.push(record) };
    const { capabilities, versions } = await installComponents(targetThat(install), options);
    expect({ seen, capabilities }).toEqual({ seen: done, capabilities: { multus } });
    expect(versions).toEqual(multus === true ? { a: "v1" } : {});
    expect(records).toMatchObject([multus === true ? { name: "a", version: "v1" } : { name: "a", missing: multus }]);
  });

  test("What is there and cannot be used is missing for that reason, and nothing is done to it.", async () => {
    const { done, one } = scene([]);
    const list = [one("a", { find: async () => ({ unusable: "it is elsewhere" }) })];
    const { capabilities } = await installComponents(targetThat("missing"), { signal, list });
    expect({ done, capabilities }).toEqual({ done: [], capabilities: { multus: "it is elsewhere" } });
  });

  test("What the provider cannot install is missing for that reason, unless it was asked for by name.", async () => {
    const { one } = scene([]);
    const list = [one("a", { lacks: () => "the provider has no image" })];
    const { capabilities } = await installComponents(targetThat("missing"), { signal, list });
    expect(capabilities).toEqual({ multus: "`a` is not on the cluster, and the provider has no image" });
    await expect(installComponents(targetThat(["a"]), { signal, list })).rejects.toThrow(
      "Component `a` was to be installed, which is not possible: `a` is not on the cluster, and the provider has no image.",
    );
  });

  test("What needs something that is missing is missing too, unless it is there.", async () => {
    const { done, one } = scene(["c"]);
    const list = [
      one("a", { lacks: () => "no image" }),
      one("b", { needs: ["a"], provides: ["istio"] }),
      one("c", { needs: ["a"], provides: ["kubevirt"] }),
    ];
    const { capabilities } = await installComponents(targetThat("missing"), { signal, list });
    expect(done).toEqual(["prove c"]);
    expect(capabilities).toMatchObject({ istio: expect.stringContaining("it needs `a`: "), kubevirt: true });
  });

  test("Those after it learn what it found, and a capability that it lacks is missing.", async () => {
    const { one } = scene(["a"]);
    const mesh = { revision: "default", id: "m", network: "n", cluster: "k" };
    const seen: unknown[] = [];
    const list = [
      one("a", { prove: async () => ({ mesh, capabilities: { multus: "not called" } }) }),
      one("b", { after: ["a"], provides: [], absent: ({ access }) => void seen.push(access.mesh, access.versions) }),
    ];
    const installed = await installComponents(targetThat("missing"), { signal, list });
    expect(seen).toEqual([mesh, { a: "v1" }]);
    expect(installed).toMatchObject({ mesh, capabilities: { multus: "not called" } });
  });
});
