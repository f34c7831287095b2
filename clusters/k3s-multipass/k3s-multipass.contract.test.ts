import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createLog } from "../../lib/log.ts";
import { lab } from "../lab/lab.ts";
import { providerContract } from "../provider.contract.ts";
import type { StartedCluster } from "../provider.ts";
import { type K3sDouble, k3sDouble, serverIn } from "./doubles/k3s.fixture.ts";
import { clusterOf, prefixOf } from "./instances.ts";

// Of Multipass and k3s there are doubles; the API behind them is a real one, of a lab with one node.

let api: StartedCluster;
let double: K3sDouble;
let mirror: string;
const upstream = createServer((request, response) => void response.end(request.url));
const cacheDir = inject("cacheDir");
const labId = `vmesh-${randomBytes(3).toString("hex")}`;
const labState = join(cacheDir, "clusters", labId);

beforeAll(async () => {
  await mkdir(labState, { recursive: true, mode: 0o700 });
  await writeFile(join(labState, "owner"), `${process.pid}\n`);
  const options = { clusterId: labId, cacheDir, stateDir: labState, nodes: 1, settings: {}, log: createLog() };
  api = await lab.create(options, new AbortController().signal);
  const { kubeconfig, nodes, versions } = api.access;
  const server = nodes[0]?.address ?? "";
  const state = await mkdtemp(join(tmpdir(), "vmesh-double-"));
  double = await k3sDouble(state, { kubeconfig, server, version: `${versions["kubernetes"]}+k3s1` });
  // Whichever instance it gives one to: each server is the lab's, and nobody asks a machine outside.
  await double.set("addresses", `${server}\n`.repeat(40));
  await double.set("driver", "double\n");
  process.env["MULTIPASS_DOUBLE"] = state;
  // The manifests of what is installed as it is published.
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  mirror = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
});

afterAll(async () => {
  upstream.close();
  delete process.env["MULTIPASS_DOUBLE"];
  if (double) await rm(double.state, { recursive: true, force: true });
  await api?.dispose();
  await rm(labState, { recursive: true, force: true });
});

providerContract(
  {
    provider: "k3s-multipass",
    nodes: 1,
    options: () => ({ mirror }),
    settings: () => ({ ...double.settings, agents: 0, k3sVersion: `${api.access.versions["kubernetes"]}+k3s1` }),
    interruptAt: [/-server runs at /, /runs k3s .* as server/],
    impossible: { image: "no-such-image" },
    async traces() {
      const folders = (await readdir(join(cacheDir, "clusters"))).map(
        (name) => `folder ${join(cacheDir, "clusters", name)}`,
      );
      return [...(await double.instances()).map((name) => `instance ${name}`), ...folders].toSorted();
    },
  },
  (running) => {
    test("has a kubeconfig that names the server's address where k3s wrote 127.0.0.1.", async () => {
      const { cluster, options } = running();
      const server = `${prefixOf(options)}-server`;
      const written = join(double.state, "instances", server, "root/etc/rancher/k3s/k3s.yaml");
      expect(await serverIn(written)).toBe("https://127.0.0.1:6443");
      expect(await serverIn(cluster.access.kubeconfig)).toBe(`https://${api.access.nodes[0]?.address}:6443`);
    });

    test("has instances whose names tell the cluster, and that nobody else's cache would remove.", async () => {
      const { options } = running();
      const names = await double.instances();
      expect(names.map((name) => clusterOf(name, options.cacheDir))).toEqual(names.map(() => options.clusterId));
      expect(names.map((name) => clusterOf(name, "/another/cache"))).toEqual(names.map(() => undefined));
    });

    test("kept the token of its nodes out of every command line.", async () => {
      const { options } = running();
      expect(await double.read("calls")).not.toContain(await readFile(join(options.stateDir, "token"), "utf8"));
    });
  },
);
