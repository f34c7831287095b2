import { chmod, copyFile, mkdir, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { run } from "../../lib/command.ts";
import { environmentError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { cacheEntry } from "./cache.ts";
import { unpackedPackages } from "./rootfs.ts";

const PACKAGES = ["busybox-static", "linux-image-cloud-amd64"];
/** In loading order. virtio itself is built into Debian's cloud kernel; button and evdev make ACPI's power button work. */
const MODULES = "failover net_failover virtio_blk virtio_net cdrom isofs button evdev".split(" ");
const SOURCES = join(import.meta.dirname, "images/vmesh/guest");
const DISK_KIB = 40 * 1024;

/**
 * The disk of the lab's guests: Debian's cloud kernel and an initramfs of busybox and `vmesh-echo` on a FAT disk
 * that syslinux boots, as `disk.img` in the folder that is returned. From the kernel's first instruction to the user's script about 3 s under emulation.
 */
export async function guestDisk(options: {
  program: string;
  cacheDir: string;
  log: Log;
  signal: AbortSignal;
}): Promise<string> {
  const { program, cacheDir: root, log, signal } = options;
  const sources = await Promise.all(SOURCE_FILES.map((file) => readFile(join(SOURCES, file), "utf8")));
  // The program's own cache entry is named by the digest of its sources.
  const key = [...PACKAGES, ...MODULES, ...sources, basename(dirname(program))];
  return cacheEntry({ root, kind: "guest", key, log, signal }, async (target) => {
    const packages = await unpackedPackages(PACKAGES, options);
    const tree = join(target, "initramfs");
    await fillInitramfs(tree, packages, program);
    await packArchive(tree, packages, join(target, "initrd"));
    await makeDisk(target, packages);
    await rm(tree, { recursive: true });
    await rm(join(target, "initrd"));
  });
}

const SOURCE_FILES = ["init", "udhcpc.sh", "power-off.sh", "syslinux.cfg"];

async function fillInitramfs(tree: string, packages: string, program: string): Promise<void> {
  const folders = ["bin", "dev", "etc/acpi/PWRF", "modules", "proc", "root", "run", "sys", "tmp", "usr/bin"];
  for (const folder of folders) await mkdir(join(tree, folder), { recursive: true });
  await symlink("bin", join(tree, "sbin"));
  await copyFile(join(packages, "usr/bin/busybox"), join(tree, "bin/busybox"));
  await copyFile(program, join(tree, "usr/bin/vmesh-echo"));
  // Numbered: the guest loads them in the order of their names.
  for (const [index, module] of MODULES.entries())
    await unpackModule(module, packages, join(tree, `modules/${10 + index}-${module}.ko`));
  await writeFile(join(tree, "etc/passwd"), "root::0:0:root:/root:/bin/sh\n");
  await writeFile(join(tree, "etc/group"), "root:x:0:\n");
  const scripts = { init: "init", "udhcpc.sh": "etc/udhcpc.sh", "power-off.sh": "etc/acpi/PWRF/00000080" };
  for (const [source, target] of Object.entries(scripts)) {
    await copyFile(join(SOURCES, source), join(tree, target));
    await chmod(join(tree, target), 0o755);
  }
}

/** Unpacks one of the kernel's modules from its package to `target`. */
export async function unpackModule(module: string, packages: string, target: string): Promise<void> {
  const folder = join(packages, "usr/lib/modules");
  const file = (await readdir(folder, { recursive: true })).find((path) => basename(path) === `${module}.ko.xz`);
  if (!file)
    throw environmentError(
      `Debian's kernel has no module \`${module}\`, expected \`${module}.ko.xz\` below \`${folder}\`.`,
    );
  await run("sh", ["-c", 'xz -dc "$1" >"$2"', "sh", join(folder, file), target], { timeoutMs: timeouts.shortCommand });
}

/**
 * A cpio archive of the tree, by the archiver of the unpacked busybox. Not compressed: the emulated processor takes
 * longer to unpack 9 MB than the emulated BIOS to read them.
 */
export async function packArchive(tree: string, packages: string, archive: string): Promise<void> {
  const script = 'cd "$1" && find . | LC_ALL=C sort | "$2" cpio -o -H newc -R 0:0 >"$3"';
  await run("sh", ["-c", script, "sh", tree, join(packages, "usr/bin/busybox"), archive], {
    timeoutMs: timeouts.shortCommand,
  });
}

async function makeDisk(folder: string, packages: string): Promise<void> {
  const disk = join(folder, "disk.img");
  const kernel = (await readdir(join(packages, "boot"))).find((file) => file.startsWith("vmlinuz-"));
  if (!kernel)
    throw environmentError(
      `No kernel in \`${packages}/boot\`, expected \`vmlinuz-…\` of Debian's cloud kernel package.`,
    );
  const files = {
    [join(packages, "boot", kernel)]: "vmlinuz",
    [join(folder, "initrd")]: "initrd",
    [join(SOURCES, "syslinux.cfg")]: "syslinux.cfg",
  };
  const short = { timeoutMs: timeouts.shortCommand, env: { MTOOLS_SKIP_CHECK: "1" } };
  await run("mkfs.vfat", ["-C", disk, String(DISK_KIB)], short);
  for (const [source, target] of Object.entries(files)) await run("mcopy", ["-i", disk, source, `::${target}`], short);
  await run("syslinux", ["--install", disk], short);
}
