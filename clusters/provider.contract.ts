import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { run } from "../lib/command.ts";
import { openBundle } from "../lib/diagnostics/bundle.ts";
import { interruptedError } from "../lib/errors.ts";
import { connect } from "../lib/kube.ts";
import { createLog } from "../lib/log.ts";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import { timeouts } from "../lib/timeouts.ts";
import { eventually } from "../lib/wait.ts";
import type { ClusterProvider, CreateOptions, StartedCluster } from "./provider.ts";
import { type ProviderName, providers } from "./providers.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** vmesh's cache, which a contract run fills and uses. */
    cacheDir: string;
  }
}

/** What the contract has to know of one provider. */
export interface ContractSubject {
  provider: ProviderName;
  nodes: number;
  /** Lines of progress at which a creation is interrupted, early and late. */
  interruptAt: readonly RegExp[];
  /** The section of the configuration with which it works on this machine; asked for when the tests run. */
  settings?(): Readonly<Record<string, unknown>>;
  /** Settings of a well-formed section that this machine cannot fulfil, over those. */
  impossible: Readonly<Record<string, unknown>>;
  /**
   * Whatever a cluster could leave on this machine, one line each, folders as `folder PATH`. Nothing else may come or
   * go meanwhile.
   */
  traces(cacheDir: string): Promise<string[]>;
}

/** The cluster of the contract while it runs. */
export interface RunningCluster {
  cluster: StartedCluster;
  options: CreateOptions;
}

/**
 * What every provider must do, tried with real clusters. `further` adds tests of one provider on the running cluster.
 * A machine that lacks a prerequisite fails it with the findings of the doctor: a contract that was skipped proves nothing.
 */
export function providerContract(subject: ContractSubject, further: (running: () => RunningCluster) => void): void {
  const { nodes } = subject;
  const cacheDir = inject("cacheDir");
  /** Ids of clusters that may still be there. */
  const made = new Set<string>();
  let provider: ClusterProvider;
  let before: string[];

  const settings = () => subject.settings?.() ?? {};
  const newOptions = async (extra: Partial<CreateOptions> = {}): Promise<CreateOptions> => {
    const clusterId = `vmesh-${randomBytes(3).toString("hex")}`;
    const stateDir = join(cacheDir, "clusters", clusterId);
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
    // By this `clean` knows that a live process works on it.
    await writeFile(join(stateDir, "owner"), `${process.pid}\n`);
    made.add(clusterId);
    return { clusterId, cacheDir, stateDir, nodes: 1, settings: settings(), log: createLog(), ...extra };
  };
  const stateDirs = () => [...made].map((id) => join(cacheDir, "clusters", id));
  const removeFolders = () => Promise.all(stateDirs().map((path) => rm(path, { recursive: true, force: true })));
  /** What came and went since the beginning, but for the state folders themselves: those are the caller's to remove. */
  const changes = async () => {
    const now = await subject.traces(cacheDir);
    const ours = new Set(stateDirs().map((path) => `folder ${path}`));
    const left = now.filter((line) => !before.includes(line) && !ours.has(line));
    return { left, lost: before.filter((line) => !now.includes(line)) };
  };
  const expectNothingLeft = async () => {
    const what = "this machine is as it was before the cluster";
    // A process that has been told to end may take a moment.
    await eventually({ what, budgetMs: timeouts.commandGrace }, async () => {
      const { left, lost } = await changes();
      if (left.length + lost.length > 0) throw new Error(`left: ${left.join("; ")}. Lost: ${lost.join("; ")}.`);
    });
    await removeFolders();
    made.clear();
  };

  beforeAll(async () => {
    provider = await providers[subject.provider]();
    before = await subject.traces(cacheDir);
  });
  afterAll(async () => {
    for (const only of made) await provider.clean({ cacheDir, log: createLog(), only });
    await removeFolders();
  });

  test("The doctor has something to say about everything, changes nothing, and this machine is fit.", async () => {
    const findings = await provider.doctor({ nodes, settings: settings(), cacheDir });
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
    await expectNothingLeft();
  });

  describe("a cluster", () => {
    let running: RunningCluster;

    beforeAll(async () => {
      const options = await newOptions({ nodes });
      running = { options, cluster: await provider.create(options, new AbortController().signal) };
    });
    afterAll(() => running.cluster.dispose());

    test("has as many Ready nodes as were asked for, and an API server that is ready.", async () => {
      const { access } = running.cluster;
      expect(await readyNodes(access.kubeconfig)).toEqual(access.nodes.map(({ name }) => name).toSorted());
      expect(access.nodes).toHaveLength(nodes);
    });

    test("is described by plain data.", () => {
      const { access } = running.cluster;
      expect(JSON.parse(JSON.stringify(access))).toStrictEqual(access);
    });

    test("has logs that can be collected.", async () => {
      const signal = AbortSignal.timeout(timeouts.clusterDiagnostics);
      const bundle = openBundle(await temporaryFolder(), { signal, collectorMs: timeouts.collector });
      await running.cluster.collectLogs(bundle);
      const { files, lost } = await bundle.close();
      expect(files.length).toBeGreaterThan(0);
      expect(lost).toBeUndefined();
    });

    further(() => running);

    test("did nothing it never may.", async () => {
      await running.cluster.verify?.();
    });

    test("is taken up by another handle, goes with it, and may be disposed again.", async () => {
      const taken = await (await providers[subject.provider]()).attach(running.options);
      expect(taken.access).toStrictEqual(running.cluster.access);
      expect(await readyNodes(taken.access.kubeconfig)).toHaveLength(nodes);
      await taken.dispose();
      await running.cluster.dispose();
      await running.cluster.dispose();
      await expectNothingLeft();
    });
  });

  test.each(subject.interruptAt)("A creation that is interrupted at %s leaves nothing.", async (moment) => {
    const controller = new AbortController();
    const stop = (line: string) => {
      if (moment.test(line)) controller.abort(interruptedError("Interrupted by the contract."));
    };
    const options = await newOptions({ log: createLog({ write: stop }) });
    await expect(provider.create(options, controller.signal)).rejects.toMatchObject({ kind: "interrupted" });
    await expectNothingLeft();
  });

  test("A creation that cannot succeed is an environment error and leaves nothing.", async () => {
    const options = await newOptions({ settings: { ...settings(), ...subject.impossible } });
    const creation = provider.create(options, new AbortController().signal);
    await expect(creation).rejects.toMatchObject({ kind: "environment" });
    await expectNothingLeft();
  });

  test("What a killed process left is removed by `clean`, in words, and there is nothing left to clean then.", async () => {
    const options = await newOptions();
    await expect(createAndDie(subject.provider, options)).rejects.toThrow("was ended by SIGKILL");
    expect((await changes()).left).not.toEqual([]);
    const { log, clusterId: only } = options;
    const removed = await provider.clean({ cacheDir, log, only });
    expect(removed).not.toEqual([]);
    expect(removed.filter((words) => !/^\w+ \S/.test(words))).toEqual([]);
    expect(await provider.clean({ cacheDir, log, only })).toEqual([]);
    await expectNothingLeft();
  });
}

/** Names of the Ready nodes, sorted, from an API server that says it is ready. */
async function readyNodes(kubeconfig: string): Promise<string[]> {
  const kube = connect(kubeconfig);
  expect(await kube.raw("/readyz")).toBe("ok");
  type Status = { conditions: { type: string; status: string }[] };
  const isReady = (status: unknown) =>
    (status as Status).conditions.some((one) => one.type === "Ready" && one.status === "True");
  const nodes = await kube.list({ apiVersion: "v1", kind: "Node" });
  return nodes.flatMap(({ metadata, status }) => (isReady(status) ? [metadata.name] : [])).toSorted();
}

/** Creates a cluster in a process of its own that then dies without a word. */
async function createAndDie(provider: ProviderName, options: CreateOptions): Promise<void> {
  const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    const { createLog } = await import(${module("../lib/log.ts")});
    const { providers } = await import(${module("./providers.ts")});
    const provider = await providers[${JSON.stringify(provider)}]();
    const options = { ...${JSON.stringify(options)}, log: createLog() };
    await provider.create(options, new AbortController().signal);
    process.kill(process.pid, "SIGKILL");`;
  const args = ["--input-type=module", "--eval", script];
  await run(process.execPath, args, { timeoutMs: timeouts.goBuild });
}
