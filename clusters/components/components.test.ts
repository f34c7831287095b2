import { describe, expect, test } from "vitest";
import { createLog } from "../../lib/log.ts";
import type { Component, Target } from "./component.ts";
import { components, inOrder, installComponents } from "./components.ts";

const target = { log: createLog({ write: () => {} }) } as Target;

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
