import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../lib/command.ts";
import { timeouts } from "../../lib/timeouts.ts";
import type { Finding } from "../provider.ts";

/** What nodes need of the kernel, each tried by doing it. `$1` is a folder that is removed afterwards. */
const features: readonly { name: string; program: string; script: string; mend: string }[] = [
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
    mend: "load the module `overlay` (modprobe), and keep the temporary folder off another overlay",
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
      iptables -t mangle -A PREROUTING -m conntrack --ctstate ESTABLISHED -j MARK --set-mark 1
      iptables -A FORWARD -m statistic --mode random --probability 0.5 -j REJECT`,
    mend: "load the modules behind the match or target named (modprobe)",
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

/** Tries each feature in network and mount namespaces of its own; needs root. What lacks its program yet is not tried. */
export async function tryKernelFeatures(): Promise<Finding[]> {
  return Promise.all(features.map((feature) => tryFeature(feature)));
}

/** One feature: works, or what the program said. */
export async function tryFeature(feature: (typeof features)[number]): Promise<Finding> {
  const { name, program, script, mend } = feature;
  if (!["/usr/sbin", "/sbin", "/usr/bin", "/bin"].some((folder) => existsSync(join(folder, program)))) {
    return { name, ok: true, detail: `not tried before \`${program}\` is installed` };
  }
  const folder = await mkdtemp(join(tmpdir(), "vmesh-kernel-"));
  try {
    const trial = ["--net", "--mount", "sh", "-euc", script, "sh", folder];
    const { exitCode, stderr } = await run("unshare", trial, { timeoutMs: timeouts.hostCommand, allowFailure: true });
    if (exitCode === 0) return { name, ok: true, detail: "works" };
    return { name, ok: false, detail: stderr.trim().split("\n").at(-1) || `exit code ${exitCode}`, mend };
  } finally {
    await rm(folder, { recursive: true });
  }
}
