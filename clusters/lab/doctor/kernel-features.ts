import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../../lib/command.ts";
import { timeouts } from "../../../lib/timeouts.ts";
import { fine, type Judgement, missing } from "../../finding.ts";

/** What nodes need of the kernel, each tried by doing it. `$1` is a folder that is removed afterwards. */
const features: readonly { name: string; program: string; script: string; mend: string }[] = [
  {
    name: "kernel: namespaces",
    program: "unshare",
    script: "unshare --uts --ipc --pid --cgroup --fork --mount-proc true",
    mend: "allow them: a seccomp filter or a limit in `user.max_*_namespaces` forbids the one named",
  },
  {
    name: "kernel: bridge and veth",
    program: "ip",
    script: "ip link add b0 type bridge; ip link add v0 type veth peer name v1; ip link set v0 master b0",
    mend: "load the modules `bridge` and `veth` (modprobe)",
  },
  {
    name: "kernel: vxlan",
    program: "ip",
    script: "ip link add x0 type vxlan id 1 dstport 4789",
    mend: "load the module `vxlan` (modprobe); it connects the nodes of a lab",
  },
  {
    name: "kernel: overlay",
    program: "mount",
    script:
      'cd "$1"; mkdir low up work all; mount -t overlay overlay -o lowerdir=low,upperdir=up,workdir=work all; touch all/file',
    mend: "load the module `overlay` (modprobe), and keep the cache off another overlay and off network disks",
  },
  {
    name: "kernel: tun",
    program: "ip",
    script: 'mknod "$1/tun" c 10 200; exec 3<> "$1/tun"',
    mend: "load the module `tun` (modprobe); guests get their network through it",
  },
  {
    name: "kernel: iptables",
    program: "iptables",
    script: `
      iptables -t nat -A OUTPUT -p tcp -m comment --comment trial -j REDIRECT --to-ports 15001
      iptables -t nat -A POSTROUTING -j MASQUERADE
      iptables -t nat -A OUTPUT -m owner --uid-owner 1337 -j RETURN
      iptables -t mangle -A PREROUTING -m conntrack --ctstate ESTABLISHED -j MARK --set-mark 1
      iptables -t raw -A OUTPUT -p udp --dport 53 -j CT --zone 1
      iptables -A FORWARD -m statistic --mode random --probability 0.5 -j REJECT
      iptables -A FORWARD -m addrtype --dst-type LOCAL -m limit --limit 10/minute -j NFLOG --nflog-group 100`,
    mend: "load the modules behind the match or target named (modprobe)",
  },
  {
    name: "kernel: sets of addresses",
    program: "iptables",
    // Without a set of this name all but its absence tells that the kernel has no sets at all.
    script: `
      said=$(iptables -A FORWARD -m set --match-set vmesh-trial src -j DROP 2>&1) || true
      case $said in *"doesn't exist"*) ;; *) echo "$said" >&2; exit 1 ;; esac`,
    mend: "load the modules `ip_set`, `ip_set_hash_net` and `xt_set` (modprobe); NetworkPolicies are enforced with them",
  },
  {
    name: "kernel: nftables",
    program: "nft",
    script: `
      nft "add table ip trial; add chain ip trial in { type nat hook prerouting priority -100; }"
      nft "add rule ip trial in iifname eth0 dnat to 10.0.2.2"
      nft "add chain ip trial out { type nat hook postrouting priority 100; }; add rule ip trial out masquerade"`,
    mend: "load the modules `nft_chain_nat` and `nft_masq` (modprobe); KubeVirt leads to guests with them",
  },
  {
    name: "kernel: egress counter",
    program: "nft",
    script: `
      ip link add v0 type veth peer name v1
      nft "add table netdev trial; add chain netdev trial leaving { type filter hook egress device v0 priority 0; }"`,
    mend: "use Linux 5.16 or newer with NETFILTER_EGRESS; the lab counts with it what leaves the machine",
  },
];

/**
 * Tries each feature in network and mount namespaces of its own; needs root. What lacks its program yet is not tried.
 * `base` is on the disk that images will be unpacked on; nothing stays there.
 */
export async function tryKernelFeatures(base: string): Promise<Judgement[]> {
  return Promise.all(features.map((feature) => tryFeature(feature, base)));
}

/** One feature: works, or what the program said. */
export async function tryFeature(feature: (typeof features)[number], base: string): Promise<Judgement> {
  const { name, program, script, mend } = feature;
  if (!["/usr/sbin", "/sbin", "/usr/bin", "/bin"].some((folder) => existsSync(join(folder, program)))) {
    return fine(name, `not tried before \`${program}\` is installed`);
  }
  const folder = await mkdtemp(join(base, "vmesh-kernel-"));
  try {
    const trial = ["--net", "--mount", "sh", "-euc", script, "sh", folder];
    const { exitCode, stderr } = await run("unshare", trial, { timeoutMs: timeouts.hostCommand, allowFailure: true });
    if (exitCode === 0) return fine(name, "works");
    const complaint = stderr.trim().split("\n").at(-1) || `exit code ${exitCode}`;
    // Then it says nothing about the kernel yet.
    const isForbidden = /not permitted|permission denied/i.test(complaint);
    return missing(
      name,
      complaint,
      isForbidden ? "mend first what is missing of user, capabilities or confinement" : mend,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
