import { createLog } from "../../../lib/log.ts";
import type { ClusterAccess } from "../../provider.ts";
import type { Component, Target } from "../component.ts";
import { installComponents } from "../components.ts";
import { starlingxIstio } from "../starlingx-istio.ts";
import type { MemoryCluster } from "./cluster.fixture.ts";
import type { Pace } from "./lifecycle.ts";
import { starlingxSettings } from "./settings.ts";

/** The application's namespace that joins the mesh. */
export const namespace = "vmesh-starlingx";

const multus: Component = {
  name: "multus",
  needs: [],
  provides: ["multus"],
  namespaces: [],
  install: async () => {},
  version: async () => "4",
};

/** A command is given the time that a process needs to start on a busy machine. */
const hurried: Pace = { command: 30_000, upload: 60_000, apply: 60_000, remove: 60_000, poll: 10 };

/** Istio as StarlingX's application on a cluster in memory, with Multus on it. */
export function scene(cluster: MemoryCluster, settings: object, pace: Partial<Pace> = {}) {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line) });
  const access = { nodes: [{ name: "controller-0", address: "192.0.2.10" }], versions: {}, timeScale: 1 };
  const whole = { ...access, install: "everything", images: { workload: "w", guest: "g" } };
  const target: Target = { access: whole as unknown as ClusterAccess, kube: cluster.kube, log };
  const component = starlingxIstio(starlingxSettings.parse(settings), { ...hurried, ...pace });
  const install = () => installComponents(target, { signal: AbortSignal.timeout(120_000), list: [multus, component] });
  return { target, component, install, words: () => lines.join("\n") };
}

export const namespaceOf = ({ get }: MemoryCluster) => get({ apiVersion: "v1", kind: "Namespace", name: namespace });
export const attachmentOf = ({ get }: MemoryCluster) =>
  get({ apiVersion: "k8s.cni.cncf.io/v1", kind: "NetworkAttachmentDefinition", name: "istio-cni", namespace });
