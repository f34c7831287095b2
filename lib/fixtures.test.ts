import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { CheckEntry } from "./check.ts";
import type { Environment } from "./environment.ts";
import { environmentError, interruptedError, usageError } from "./errors.ts";
import { ExpectationError } from "./expectations.ts";
import { asFailure, type FixtureOptions, type Fixtures, openFixtures } from "./fixtures.ts";
import type { Meta } from "./fixtures/record.ts";
import { type FakeCluster, fakeApi } from "./kube/fake-api.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { WaitError } from "./wait.ts";

test("A wait that ended on an unmet expectation is a failure with what was expected and what came.", () => {
  const last = new ExpectationError("x", { expected: "reset", actual: "answered" });
  expect(asFailure(new WaitError("Not true within 1 s: it is reset.", last))).toMatchObject({
    name: "ExpectationError",
    message: "Not true within 1 s: it is reset.",
    expected: "reset",
    actual: "answered",
  });
});

test("A wait that ended on a state of the cluster is a failure, also inside another wait.", () => {
  const inner = new WaitError("inner", new Error("it is Pending"));
  for (const error of [inner, new WaitError("outer", inner)]) {
    expect(asFailure(error)).toMatchObject({
      name: "ExpectationError",
      message: error.message,
      actual: "it is Pending",
    });
  }
});

test.each([
  environmentError("no API"),
  interruptedError("stop"),
  usageError("no such URL"),
  new WaitError("x", environmentError("no API")),
  new WaitError("x", new WaitError("y", environmentError("no API"))),
  new WaitError("x", undefined),
  new TypeError("a mistake"),
])("What is not the product's doing stays what it is: %s", (error) => {
  expect(asFailure(error)).toBe(error);
});

test.each([
  { where: "a check's namespace in the mesh", injection: true, attached: true, count: 1 },
  { where: "a namespace without injection", injection: false, attached: true, count: 0 },
  { where: "a namespace of another mesh", injection: true, attached: false, count: 0 },
])("Where each namespace needs a definition of Istio's network, $where has $count.", async (given) => {
  const kinds = { "k8s.cni.cncf.io/v1": { NetworkAttachmentDefinition: "network-attachment-definitions" } };
  const { kubeconfig, requests } = await fakeApi({ objects: [], kinds });
  const mesh = { revision: "default", ...(given.attached && { attachmentPerNamespace: true }) };
  const environment = { kubeconfig, mesh, machines: {}, endpoints: {}, timeScale: 1 } as unknown as Environment;
  const entry = { id: "area/name", file: "none", needs: [] as string[] } as unknown as CheckEntry;
  const { signal } = new AbortController();
  const { run } = openFixtures({ environment, entry, injection: given.injection, signal, meta: {} });
  await run(async () => {});
  const applied = requests.filter((one) => /^PATCH .*\/network-attachment-definitions\/istio-cni\?/.test(one));
  expect(applied).toHaveLength(given.count);
});

describe("A check that is red", () => {
  const never = new AbortController().signal;
  let tooLate = new AbortController();
  afterEach(() => {
    tooLate = new AbortController();
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  /** Runs a body; returns the error and, of the requests, those that show what came first. */
  async function red(
    body: (fixtures: Fixtures) => Promise<void>,
    given: Partial<FixtureOptions> = {},
    cluster: FakeCluster = { objects: [] },
  ) {
    const out = await temporaryFolder();
    vi.stubEnv("VMESH_OUT", out);
    const { kubeconfig, requests } = await fakeApi(cluster);
    const environment = { kubeconfig, machines: {}, endpoints: {}, tools: { istioctl: "/nowhere" }, timeScale: 1 };
    const meta: Meta = {};
    const { run } = openFixtures({
      environment: environment as unknown as Environment,
      entry: { id: "area/name", suite: "area", name: "name", file: "none", needs: [] as string[] } as CheckEntry,
      injection: true,
      signal: never,
      interrupt: never,
      meta,
      ...given,
    });
    const error: unknown = await run(body).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const kinds = requests.map((request) =>
      request.includes("/events") ? "evidence" : request.startsWith("DELETE") ? "removal" : "other",
    );
    const steps = kinds.filter((kind, index) => kind !== "other" && kind !== kinds[index - 1]);
    return { error, steps: [...new Set(steps)], attachments: meta.attachments ?? [], out };
  }

  test.for([
    ["fails", async () => Promise.reject(new ExpectationError("x", { expected: "a", actual: "b" }))],
    ["meets an error of the harness", async () => Promise.reject(usageError("x"))],
    [
      "takes too long",
      async ({ signal }) => {
        tooLate.abort(new DOMException("The check took too long.", "TimeoutError"));
        signal.throwIfAborted();
      },
    ],
    [
      "does not leave things as they were",
      async ({ afterwards }) => afterwards("x", async () => Promise.reject(new Error("no")), { withinMs: 20 }),
    ],
  ] satisfies [string, (fixtures: Fixtures) => Promise<void>][])(
    "as it %s has evidence, taken before its namespace is removed.",
    async ([, body]) => {
      const onRed = vi.fn(async () => {});
      const { error, steps, attachments, out } = await red(body, { signal: tooLate.signal, onRed });
      expect(error).toBeInstanceOf(Error);
      expect(steps).toEqual(["evidence", "removal"]);
      expect(attachments).toContain(join(out, "diagnostics/area/name/problems.txt"));
      expect(onRed).toHaveBeenCalledOnce();
    },
  );

  test("keeps its own error where something goes wrong after it, and its namespace is removed.", async () => {
    const printed = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { error, steps } = await red(async () => Promise.reject(usageError("the first")), {
      onRed: async () => Promise.reject(new Error("the second")),
    });
    expect(error).toMatchObject({ message: "the first" });
    expect(steps).toEqual(["evidence", "removal"]);
    expect(printed).toHaveBeenCalledWith("the second");
  });

  test("is an error of the environment, with its own error as cause, where the API server is gone by then.", async () => {
    const cluster: FakeCluster = { objects: [] };
    const { error } = await red(
      async () => {
        cluster.ready = false;
        throw new ExpectationError("It is 403.", { expected: "200", actual: "403" });
      },
      {},
      cluster,
    );
    expect(error).toMatchObject({
      kind: "environment",
      message: expect.stringContaining("no answer from the API server"),
      cause: { message: "It is 403." },
    });
  });

  test("through an interrupt has no evidence and no namespace.", async () => {
    const interrupted = new AbortController();
    const { steps, attachments } = await red(
      async () => {
        interrupted.abort();
        throw interruptedError("x");
      },
      { interrupt: interrupted.signal },
    );
    expect([steps, attachments]).toEqual([["removal"], []]);
  });

  test("says in its output that evidence could not be written.", async () => {
    const printed = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { error } = await red(async () => {
      writeFileSync(join(process.env["VMESH_OUT"] ?? "", "diagnostics"), "a file in the folder's place");
      throw usageError("the first");
    });
    expect(error).toMatchObject({ message: "the first" });
    expect(printed).toHaveBeenCalledWith(
      expect.stringMatching(/^The evidence of area\/name is not whole: `.*` cannot be written: E/),
    );
  });
});
