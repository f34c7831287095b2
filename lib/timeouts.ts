/**
 * Every duration of the project, in milliseconds on a machine with two free cores and hardware virtualization.
 * Multiply with the environment's `timeScale` through `scaled`; nothing else writes a number of milliseconds.
 */
export const timeouts = {
  /** One request to the API server, admission webhooks included (theirs is 10-30 s). */
  apiRequest: 40_000,
  /** One request and its repeats after lost connections; more than `apiRequest`. */
  apiReconnect: 60_000,
  /** A look whether the API server answers at all. */
  apiProbe: 5_000,
  /** How long it may be silent after a check ended in an error before no further check begins. */
  apiGone: 30_000,
  /** A CustomResourceDefinition from apply to its kind being served. */
  kindServed: 30_000,
  /** A short command in a container: start, run, answer. */
  exec: 30_000,
  /** One question of istioctl to the control plane. */
  istioctl: 30_000,
  /** Between two looks at something that is awaited. */
  poll: 1_000,
  /** From SIGTERM to SIGKILL for a command that is ended early. */
  commandGrace: 5_000,

  /** A new namespace from apply to having its default service account. */
  namespaceReady: 30_000,
  /** A pod of a check from apply to Ready; its image is already on the node. */
  podReady: 90_000,
  /** A VMI from apply to Ready with its proxy, guest booted (11 s measured under TCG). */
  vmiReady: 180_000,
  /** Something that goes wrong with a pod, from its apply to the event: a probe of Istio's proxy fails every 15 s. */
  event: 120_000,
  /** A guest from Ready to the first line of its own on the serial console. */
  guestConsole: 60_000,
  /** A live migration from its request to success: a second launcher, then the guest's memory (11 s measured). */
  migration: 180_000,
  /** An empty command in a guest's shell, from its first letter to the answer's last. */
  guestPrompt: 3_000,
  /** What a proxy counts from its first request to Prometheus: the pod is discovered, then scraped every 5 to 15 s. */
  scrape: 60_000,
  /** A span from its request to Jaeger: Envoy sends what it has every 5 s. */
  spanExport: 30_000,
  /** Traffic from its first request to Kiali's graph, which draws a minute of Prometheus' samples. */
  callGraph: 120_000,
  /** A changed policy or Service from the API server to every proxy and node concerned (some 25 s seen of a NetworkPolicy on a busy lab). */
  configPropagation: 45_000,
  /** One request between peers when the caller does not say. */
  exchange: 5_000,
  /** A whole check; far above the sum of what it awaits, so that its own error comes first. */
  check: 600_000,

  /** Download of one family's Go modules into an empty cache. */
  goDownload: 900_000,
  /** Build of one family's Go programs on two cores (313 s measured for the largest). */
  goBuild: 2_400_000,
  /** A wheel or package from its registry. */
  download: 600_000,
  /** A server of downloads from a request to its first byte, and from one byte to the next. */
  downloadSilence: 30_000,
  /** One file out of an archive of some 100 MB. */
  unpack: 60_000,
  /** Hard links to a filled image store, some ten thousand files. */
  copyStore: 120_000,
  /** A node container from create to running. */
  nodeStart: 60_000,
  /** An external VM from power-on to its first SSH answer (25 s measured under TCG on an idle machine). */
  machineBoot: 240_000,
  /** The agent of an external VM from its start to a proxy with its configuration (9 s measured under TCG, 60 s beside others). */
  agentReady: 120_000,
  /** The agent of an external VM from the order to stop to what it left being removed: systemd gives it 30 s, twice. */
  agentStop: 120_000,
  /** An external VM that a check took out of the mesh, back in it: a start that hangs is tried once more. */
  agentRejoin: 400_000,
  /** One script on an external VM, the SSH handshake under TCG included. */
  machineCommand: 60_000,
  /** One script in a node: kubeadm phases, CNI set-up. */
  nodeCommand: 120_000,
  /** `kubeadm join`, its wait for the kubelet included (16 s measured). */
  nodeJoin: 180_000,
  /** What commit a checkout is at; a run does without the answer. */
  gitQuestion: 10_000,
  /** A local command that only touches a few files. */
  shortCommand: 60_000,
  /** Debian packages of one root file system: download, unpack (12 s measured for the largest). */
  rootfs: 600_000,
  /** One image built, imported or pushed by the engine. */
  imageBuild: 600_000,
  /** An API server from start to `/readyz`. */
  apiServerReady: 120_000,
  /** A component from apply to its working probe. */
  componentReady: 300_000,
  /** A node of somebody else's cluster that is not Ready at the end of a run: a kubelet reports every 10 s. */
  nodesBack: 20_000,
  /** A namespace or object from delete to gone, finalizers included. */
  objectGone: 90_000,
  /** A red check that waits for somebody to look at it; then it cleans up all the same. */
  pausedCheck: 24 * 3_600_000,
  /** Collectors of one failed check, all together. */
  diagnostics: 30_000,
  /** One of the collectors, so that a slow one leaves time for the others. */
  collector: 20_000,
  /** Whether the API server answers at all, asked before the collectors begin. */
  apiAnswer: 4_000,
  /** Collectors of a whole cluster on which something failed, all together. */
  clusterDiagnostics: 60_000,

  /** A quick look at this machine: `ip`, `nft`, one request to the engine's socket. */
  hostCommand: 20_000,
  /** A package registry from a question to its answer, the start of the client included (1.5 s measured for pip). */
  sourceAnswer: 20_000,
  /** A small kernel in KVM from power-on to its first process; even emulated it takes 3 s. */
  trialBoot: 5_000,
  /** `apt-get update` and each `apt-get install`, the wait for another dpkg included. */
  packageInstall: 900_000,
  /** Debian's Docker engine or registry from start to its first answer. */
  daemonReady: 60_000,
  /** From SIGTERM to SIGKILL for a daemon of ours; the engine stops leftover containers in it. */
  daemonStop: 30_000,
  /** Between two looks at a daemon that starts or stops. */
  daemonPoll: 100,

  /** One command of StarlingX's `system`; an upload sends some megabytes. */
  starlingxCommand: 120_000,
  /** StarlingX's check of an uploaded application: tarball and charts. */
  starlingxUpload: 600_000,
  /** StarlingX's apply of Istio; FluxCD gives each of its charts 30 min. */
  starlingxApply: 2_400_000,
  /** StarlingX's removal of an application, an abort before it included. */
  starlingxRemove: 900_000,
  /** Between two looks at StarlingX's list of applications, as its guide has it. */
  starlingxPoll: 5_000,
  /** One question to Multipass' daemon; it answers slowly while it prepares an image. */
  multipassCommand: 60_000,
  /** An instance from `multipass launch` to cloud-init's end, the download of the image included. */
  multipassLaunch: 900_000,
  /** An instance that runs, from there to an address and to cloud-init's end. */
  multipassReady: 300_000,
  /** An instance from `multipass start` to its answer. */
  multipassStart: 300_000,
  /** An instance from `multipass delete` to being off the list, repeats included. */
  multipassGone: 120_000,
  /** A file of some 100 MB into an instance. */
  multipassTransfer: 300_000,
  /** k3s' installer, and the start of its service. */
  k3sInstall: 300_000,
  /** k3s' nodes from the start of their services to Ready; each unpacks its programs and pulls its first images. */
  k3sNodesReady: 300_000,
  /** Test images into a node's store. */
  k3sImport: 300_000,
  /** Istio's package with its programs, installed on a machine. */
  sidecarInstall: 300_000,
  /** kubevirtci's `make cluster-up`: images of several GB, then one node after the other boots and joins. */
  kubevirtciUp: 3_600_000,
  /** From its end to as many Ready nodes as were asked for. */
  kubevirtciReady: 300_000,
  /** kubevirtci's `make cluster-down`. */
  kubevirtciDown: 300_000,
  /** One of kubevirtci's small scripts, or one command of the container CLI. */
  kubevirtciScript: 60_000,
} as const;

/** A duration on this machine: `scaled(timeouts.podReady, environment.timeScale)`, in whole milliseconds. */
export function scaled(ms: number, factor: number): number {
  return Math.round(ms * factor);
}
