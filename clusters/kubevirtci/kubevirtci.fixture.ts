import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, vi } from "vitest";
import { fakeApi } from "../../lib/kube/fake-api.ts";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { timeouts } from "../../lib/timeouts.ts";
import type { CreateOptions } from "../provider.ts";
import { serveHttp } from "../upstream/upstream.fixture.ts";
import { checkout, type Double, startDouble, upstreamFiles } from "./doubles/docker.fixture.ts";
import { container } from "./doubles/gocli.ts";
import { containerCli, dockerSocket } from "./container-cli.ts";
import { kubevirtci } from "./kubevirtci.ts";
import { prefixOf, prepareScripts, scriptsFor } from "./scripts.ts";
import { parseSettings } from "./settings.ts";
import { type KubevirtciState, saveState } from "./state.ts";

// kubevirtci's container CLI is a double in all of these, and so is the API server; the scripts are a stand-in, or real
// ones where VMESH_KUBEVIRTCI_CHECKOUT names a checkout. With a real API server: kubevirtci.contract.test.ts.

/** What is fetched is fetched once for all tests of a file. */
let cacheDir: string;
let files: Record<string, string>;

/** For all tests of a file: what upstream has, and time, as each makes dozens of small processes. */
export function useUpstream(): void {
  vi.setConfig({ testTimeout: timeouts.componentReady });
  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), "vmesh-kubevirtci-"));
    files = await upstreamFiles(join(cacheDir, "served"));
  });
  afterAll(() => rmSync(cacheDir, { recursive: true, force: true }));
  afterEach(() => void vi.unstubAllEnvs());
}

export interface Scene {
  double: Double;
  options: CreateOptions;
  /** Everything that was told. */
  told: string[];
  /** Names of what is left in the engine, and the ports that lead anywhere. */
  left(): string[];
}

/** A double with an API server of so many Ready nodes, and options for a cluster in it. */
export async function scene({ nodes = 1, ready = nodes, settings = {} }: SceneOptions = {}): Promise<Scene> {
  const objects = Array.from({ length: nodes }, (_, index) => nodeObject(index, index < ready));
  const api = await fakeApi({ objects, kinds: { v1: { Node: "nodes", ConfigMap: "configmaps" } } });
  const double = await startDouble({
    folder: await temporaryFolder(),
    adminConf: await readFile(api.kubeconfig, "utf8"),
    compiled: join(cacheDir, "compiled"),
  });
  for (const [name, value] of Object.entries(double.variables)) vi.stubEnv(name, value);
  const clusterId = `vmesh-${Math.random().toString(16).slice(2, 8)}`;
  const stateDir = join(cacheDir, "clusters", clusterId);
  await mkdir(stateDir, { recursive: true });
  const told: string[] = [];
  const options: CreateOptions = {
    clusterId,
    cacheDir,
    stateDir,
    nodes,
    mirror: await serveHttp(upstream),
    settings: { ...double.settings, istio: false, deadlines: { up: 30, ready: 10, down: 10 }, ...settings },
    log: createLog({ write: (line) => told.push(line) }),
  };
  const { engine } = double;
  const left = () => [...engine.containers().map(({ name }) => name), ...engine.volumes()];
  return { double, options, told, left };
}

/** What a cluster that is up has in the engine and in its folder, without the way there. */
export async function standing({ double, options }: Scene): Promise<KubevirtciState> {
  const settings = parseSettings(options.settings);
  const at = { folder: checkout, tag: "double", provider: settings.provider ?? "" };
  const cli = containerCli("docker", dockerSocket);
  const scripts = scriptsFor({ ...options, checkout: at, settings, cli });
  await prepareScripts(options.stateDir, at);
  const since = Date.now();
  const { runtime, socket } = cli;
  const prefix = await prefixOf(scripts, never);
  const state = { runtime, socket, scripts, prefix, since, downSeconds: settings.deadlines.down, taken: false };
  await saveState(options.stateDir, state);
  for (const name of ["dnsmasq", "registry", "node01"]) double.engine.put(container(`${prefix}-${name}`, "/bin/bash"));
  return state;
}

export interface SceneOptions {
  nodes?: number;
  ready?: number;
  settings?: Record<string, unknown>;
}

/** Serves the files of upstream, wherever it has them. */
function upstream({ url }: IncomingMessage, response: ServerResponse): void {
  const [, path] = Object.entries(files).find(([ending]) => url?.endsWith(ending)) ?? [];
  if (path === undefined) return void response.writeHead(404).end();
  readFile(path).then(
    (content) => response.end(content),
    () => response.writeHead(500).end(),
  );
}

function nodeObject(index: number, ready: boolean) {
  const conditions = [{ type: "Ready", status: ready ? "True" : "False" }];
  const addresses = [{ type: "InternalIP", address: `192.168.66.${101 + index}` }];
  const name = `node0${index + 1}`;
  return { apiVersion: "v1", kind: "Node", metadata: { name }, status: { conditions, addresses } };
}

export const never = new AbortController().signal;

/** How a creation ended that must not succeed. */
export async function failureOf({ options }: Scene, signal = never): Promise<Error> {
  return kubevirtci.create(options, signal).then(
    async (cluster) => {
      await cluster.dispose();
      throw new TypeError("The creation succeeded.");
    },
    (error: Error) => error,
  );
}
