/** A way in which kubevirtci's scripts are known not to make a cluster. */
export interface KnownFailure {
  /** A clause about the scripts. */
  what: string;
  hint: string;
  /** The containers of the prefix are somebody else's. */
  taken?: true;
}

/**
 * Recognises it in what `make cluster-up` printed and in the commands that ran when its time was over. The scripts
 * themselves print an error and go on, or wait for ever.
 */
export function knownFailure(text: string): KnownFailure | undefined {
  return table.find(({ sign }) => sign.test(text))?.failure;
}

const kvm = "see that /dev/kvm opens and that nested virtualization is on: `scripts/vmesh doctor` looks at both";

const table: readonly { sign: RegExp; failure: KnownFailure }[] = [
  {
    sign: /until ls \S*multus\/net\.d\/\*istio\*\.conf/,
    failure: {
      what: "they wait for ever for Istio's CNI configuration on a node (`until ls /etc/cni/multus/net.d/*istio*.conf`, kubevirtci#906)",
      hint: "see why `istio-cni-node` in kube-system does not write it, or set `settings.kubevirtci.cnao` to false: then Istio is in the chain of the nodes' CNI",
    },
  },
  {
    sign: /container name "\S+" is already in use/,
    failure: {
      what: "another kubevirtci cluster took the names of the containers meanwhile",
      hint: "wait until it is gone, or use another `settings.kubevirtci.provider`: names are made of it",
      taken: true,
    },
  },
  {
    sign: /manifest unknown|Failed to download cluster image|failed to download \S+ four times/,
    failure: {
      what: "an image of this tag cannot be pulled",
      hint: "see whether the tag's images are still published, choose a newer `settings.kubevirtci.tag`, or name a mirror by KUBEVIRTCI_CONTAINER_REGISTRY under `settings.kubevirtci.environment`",
    },
  },
  {
    sign: /no space left on device/i,
    failure: {
      what: "a disk is full",
      hint: "free space where the engine has its data; `scripts/vmesh doctor` says where",
    },
  },
  {
    sign: /dnsmasq container failed to start 3 times/,
    failure: {
      what: "the container `dnsmasq`, which has the cluster's ports, does not start",
      hint: "see whether a port that it publishes is taken, such as that of `settings.kubevirtci.dnsPort`",
    },
  },
  {
    sign: /could not establish a connection to the node/,
    failure: { what: "the virtual machine of a node does not answer", hint: kvm },
  },
  {
    sign: /error loading config file/,
    failure: {
      what: "what they copied from the first node is no kubeconfig",
      hint: "the copy goes over SSH to the port that the engine publishes for it: see that no firewall is in between",
    },
  },
  {
    sign: /no working container runtime found|Cannot connect to the Docker daemon/,
    failure: { what: "no container engine answers them", hint: "start docker, or podman's socket" },
  },
  {
    sign: /istio-operator to be healthy failed/,
    failure: {
      what: "their Istio does not become healthy",
      hint: "give the nodes more memory, or set `istio` to false",
    },
  },
];

/** Lines with which kubevirtci's own checks complain, and go on. */
export function complaintOf(line: string): string | undefined {
  const text = /\[ERR \]\s*(.*)/.exec(line)?.[1];
  return text?.trim();
}
