import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../../lib/command.ts";
import { environmentError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { cacheEntry } from "./cache.ts";
import { debianMirror } from "./host-packages.ts";

/** Debian release that root file systems are made of. */
export const debianSuite = "trixie";
const FINISH = join(import.meta.dirname, "images/rootfs/finish.sh");

/** What every container of ours starts from: a shell, the usual tools, and the packet filters. */
const base = (
  "base-files base-passwd bash coreutils dash debianutils diffutils findutils grep gzip hostname libc-bin mawk mount " +
  "sed tar util-linux conntrack ipset iproute2 iptables nftables procps"
).split(" ");

/** The root file systems: packages beyond the base, and what of them is left out. */
const rootfsTable = {
  /** Programs that program packet filters. */
  net: { packages: [], without: [] },
  node: {
    packages: ["containerd", "containernetworking-plugins", "etcd-server", "ethtool", "kmod", "runc", "socat", "tini"],
    without: ["usr/bin/containerd-shim", "usr/bin/containerd-shim-runc-v1", "usr/bin/etcdutl", "usr/lib/cni/dhcp"],
  },
  launcher: {
    packages: [
      "libcap2-bin",
      "libvirt-clients",
      "libvirt-daemon",
      "libvirt-daemon-driver-qemu",
      "libvirt-daemon-log",
      "qemu-system-x86",
      "qemu-utils",
      "xorriso",
    ],
    without: [
      "usr/bin/qemu-system-i386",
      "usr/bin/qemu-system-x86_64-microvm",
      "usr/bin/qemu-storage-daemon",
      "usr/bin/qemu-nbd",
      "usr/bin/qemu-io",
      "usr/share/qemu/skiboot.lid",
    ],
  },
} as const satisfies Record<string, { packages: readonly string[]; without: readonly string[] }>;

export type RootfsName = keyof typeof rootfsTable;

export interface RootfsOptions {
  cacheDir: string;
  log: Log;
  signal?: AbortSignal | undefined;
}

/**
 * A Debian root file system as a tar file, from the cache where possible. Packages are unpacked, not configured;
 * `finish.sh` does what is needed of the configuration.
 */
export async function rootfs(name: RootfsName, options: RootfsOptions): Promise<string> {
  const { packages, without } = rootfsTable[name];
  const include = [...base, ...packages];
  const key = [debianSuite, ...include, "without", ...without, await readFile(FINISH, "utf8")];
  const folder = await cacheEntry(
    { root: options.cacheDir, kind: `rootfs-${name}`, key, ...options },
    async (target) => {
      const { signal } = options;
      const tree = join(target, "root");
      await unpack(include, tree, signal);
      await run("sh", [FINISH, tree, ...without], { timeoutMs: timeouts.rootfs, signal, diesWithParent: true });
      const archive = [
        "--create",
        "--numeric-owner",
        "--one-file-system",
        "--directory",
        tree,
        "--file",
        join(target, "rootfs.tar"),
        ".",
      ];
      await run("tar", archive, { timeoutMs: timeouts.rootfs, signal });
      await rm(tree, { recursive: true });
    },
  );
  return join(folder, "rootfs.tar");
}

/** Unpacks Debian packages and all they depend on into a folder that is to be taken apart, from the cache where possible. */
export async function unpackedPackages(packages: readonly string[], options: RootfsOptions): Promise<string> {
  const { cacheDir: root, log, signal } = options;
  const folder = await cacheEntry({ root, kind: "packages", key: [debianSuite, ...packages], log, signal }, (target) =>
    unpack(packages, join(target, "root"), signal),
  );
  return join(folder, "root");
}

/** Installs Debian packages and all they depend on into a new folder, their maintainer scripts included: a whole system. */
export async function installedPackages(
  packages: readonly string[],
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await debootstrap("essential", packages, target, signal);
}

/** Unpacks Debian packages and all they depend on into a new folder. */
export async function unpack(
  packages: readonly string[],
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await debootstrap("extract", packages, target, signal);
}

async function debootstrap(
  variant: "extract" | "essential",
  packages: readonly string[],
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const options = [`--variant=${variant}`, "--mode=root", "--format=directory", `--include=${packages.join(",")}`];
  await run("mmdebstrap", [...options, debianSuite, target, await requiredMirror(signal)], {
    // Its temporary files go where an interrupted build's draft is removed.
    env: { TMPDIR: dirname(target) },
    timeoutMs: timeouts.rootfs,
    signal,
  });
}

/** The mirror that this machine's own apt uses. */
async function requiredMirror(signal: AbortSignal | undefined): Promise<string> {
  const mirror = await debianMirror(signal);
  if (mirror) return mirror;
  throw environmentError("apt knows no Debian mirror, expected one in /etc/apt/sources.list or sources.list.d.", {
    hint: "add one and run `apt-get update`",
  });
}
