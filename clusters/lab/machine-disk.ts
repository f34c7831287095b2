import { chmod, copyFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { run } from "../../lib/command.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { cacheEntry } from "./cache.ts";
import { packArchive, unpackModule } from "./guest-disk.ts";
import { installedPackages, unpackedPackages } from "./rootfs.ts";

/** A server as Debian installs one, plus what Istio's package for VMs needs and what checks look around with. */
const PACKAGES = (
  "systemd systemd-sysv systemd-resolved udev dbus kmod openssh-server sudo procps iproute2 iptables " +
  "curl bind9-dnsutils"
).split(" ");
const KERNEL = ["busybox-static", "linux-image-cloud-amd64"];
const SOURCES = join(import.meta.dirname, "images/machine");
/** Sparse: 400 MiB of it are written. */
const DISK_MIB = 1536;

/** Where the programs of Istio's package for VMs come from. */
export interface MachineSources {
  /** Folder with `pilot-agent`. */
  istio: string;
  /** Folder with `envoy`. */
  envoy: string;
  /** Folder with the files of Istio's package: start script, unit, Envoy's bootstrap template. */
  sidecar: string;
  /** Folder with `vmesh-echo`. */
  own: string;
}

/** Path in the machine to the file there, with its mode. */
const files: Record<string, [source: keyof MachineSources, file: string, mode: number]> = {
  "usr/local/bin/pilot-agent": ["istio", "pilot-agent", 0o755],
  "usr/local/bin/envoy": ["envoy", "envoy", 0o755],
  "usr/local/bin/istio-start.sh": ["sidecar", "istio-start.sh", 0o755],
  "usr/local/bin/vmesh-echo": ["own", "vmesh-echo", 0o755],
  "usr/lib/systemd/system/istio.service": ["sidecar", "istio.service", 0o644],
  "var/lib/istio/envoy/sidecar.env": ["sidecar", "sidecar.env", 0o644],
  "var/lib/istio/envoy/envoy_bootstrap_tmpl.json": ["sidecar", "envoy_bootstrap.json", 0o644],
};

/**
 * The disk of the lab's external VMs, as `disk.img` beside `vmlinuz` and `initrd` in the folder that is returned: a
 * Debian with systemd and SSH on which Istio's package for VMs is installed and not started.
 */
export async function machineDisk(
  sources: MachineSources,
  options: { cacheDir: string; log: Log; signal: AbortSignal },
): Promise<string> {
  const { cacheDir: root, log, signal } = options;
  const own = await Promise.all(["init", "finish.sh"].map((file) => readFile(join(SOURCES, file), "utf8")));
  // The sources are cache entries, named by the digest of what they are made of.
  const key = [...PACKAGES, ...KERNEL, ...own, ...Object.values(sources).map((folder) => basename(folder))];
  return cacheEntry({ root, kind: "machine", key, log, signal }, async (target) => {
    const kernel = await unpackedPackages(KERNEL, options);
    const tree = join(target, "root");
    await installedPackages(PACKAGES, tree, signal);
    await run(join(SOURCES, "finish.sh"), [tree, kernel], { timeoutMs: timeouts.rootfs, signal });
    for (const [path, [source, file, mode]] of Object.entries(files)) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await copyFile(join(sources[source], file), join(tree, path));
      await chmod(join(tree, path), mode);
    }
    const disk = ["-q", "-t", "ext4", "-d", tree, join(target, "disk.img"), `${DISK_MIB}M`];
    await run("mke2fs", disk, { timeoutMs: timeouts.rootfs, signal });
    await rm(tree, { recursive: true });
    await copyFile(join(kernel, "boot", await kernelIn(kernel)), join(target, "vmlinuz"));
    await makeInitrd(target, kernel);
  });
}

async function kernelIn(packages: string): Promise<string> {
  const [name = "vmlinuz"] = (await readdir(join(packages, "boot"))).filter((file) => file.startsWith("vmlinuz-"));
  return name;
}

/** Debian's cloud kernel has ext4 built in, and the disk's driver as a module. */
async function makeInitrd(folder: string, kernel: string): Promise<void> {
  const tree = join(folder, "initramfs");
  for (const path of ["bin", "dev", "proc", "root"]) await mkdir(join(tree, path), { recursive: true });
  await copyFile(join(kernel, "usr/bin/busybox"), join(tree, "bin/busybox"));
  await copyFile(join(SOURCES, "init"), join(tree, "init"));
  await unpackModule("virtio_blk", kernel, join(tree, "virtio_blk.ko"));
  await packArchive(tree, kernel, join(folder, "initrd"));
  await rm(tree, { recursive: true });
}
