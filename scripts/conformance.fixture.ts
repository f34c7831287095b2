import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { fine, missing } from "../clusters/finding.ts";
import type { ClusterProvider } from "../clusters/provider.ts";
import type { CheckEntry } from "../lib/check.ts";
import { loadConfig } from "../lib/config.ts";
import type { Bundle } from "../lib/diagnostics/bundle.ts";
import { environmentError } from "../lib/errors.ts";
import type { Lab } from "./bring-up.ts";
import { stateFolder } from "./cluster-state.ts";
import { conformance } from "./conformance.ts";
import { countsLine, openConsole } from "./console.ts";
import { withInterrupts } from "./interrupts.ts";

// The real run with a provider that has no cluster: `node conformance.fixture.ts FOLDER COMPONENT-FAILURE FILE...`.

const [folder = "", componentFailure = "", ...files] = process.argv.slice(2);
const console = openConsole();
const { log } = console;

/** An API server that knows nothing, so that nobody waits for an answer. */
const server = createServer((_, response) => response.writeHead(404).end()).listen(0, "127.0.0.1");
await once(server, "listening");
const api = server.address() as AddressInfo;

const access = {
  kubeconfig: join(folder, "kubeconfig"),
  nodes: [{ name: "node", address: "192.0.2.1" }],
  capabilities: {},
  versions: { kubernetes: "v0" },
  images: { workload: "workload", guest: "guest" },
  install: "everything" as const,
  parts: {},
  manifests: {},
  emulation: true,
  endpoints: {},
  machines: {},
  tools: { istioctl: "istioctl" },
  timeScale: 1,
};
const cluster = {
  access,
  dispose: async () => log.info("fake cluster disposed"),
  collectLogs: (bundle: Bundle) => bundle.write("node/kubelet.log", "node log\n"),
};
const provider: ClusterProvider = {
  name: "fake",
  summary: "no cluster at all",
  checkSettings: () => undefined,
  doctor: async () => [
    { group: "space", ...(folder === "" ? missing("folder", "none", "name one") : fine("folder", folder)) },
  ],
  async create() {
    await writeFile(access.kubeconfig, JSON.stringify(kubeconfig));
    return cluster;
  },
  attach: async () => cluster,
  clean: async () => [],
};
const kubeconfig = {
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${api.port}`, "insecure-skip-tls-verify": true } }],
  users: [{ name: "u", user: {} }],
  contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
  "current-context": "x",
};
const checks = files.map((file): CheckEntry => ({
  id: `fixture/${basename(file, ".test.ts")}`,
  file,
  suite: "fixture",
  name: basename(file, ".test.ts"),
  title: "A fixture.",
  profile: "core",
  tags: [],
  source: "none",
  rows: [],
  expectedToFail: false,
  needs: [],
  serial: file.includes("serial"),
}));

const flags = JSON.parse(process.env["FIXTURE_FLAGS"] ?? "{}") as object;
const config = await loadConfig({ provider: "fake", out: join(folder, "out"), ...flags });
const clusterId = "vmesh-fixture";
const stateDir = stateFolder(clusterId);
const install: Lab["install"] = async (_target, { onComponent }) => {
  onComponent?.({ name: "multus", seconds: 1.5, version: "v1" });
  if (componentFailure !== "") onComponent?.({ name: "istio", seconds: 1, error: componentFailure });
  if (componentFailure !== "") throw environmentError(componentFailure);
  return { versions: { istio: "1" }, capabilities: {} };
};
const suites = { config: join(folder, "vitest.config.mjs"), project: "fixture" };
const report = await withInterrupts(log, (signal) => {
  const lab = { config, provider, install, clusterId, stateDir, log, keep: false };
  return conformance({ lab, console, catalog: checks, checks, suites, seed: 1, signal });
});
console.close();
process.stdout.write(`${countsLine(report)}\n`);
process.exit(report.exitCode);
