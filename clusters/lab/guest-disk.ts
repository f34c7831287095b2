import { chmod, copyFile, cp, mkdir, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";
import { run } from "../../lib/command.ts";
import { environmentError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { cacheEntry } from "./cache.ts";
import { unpackedPackages } from "./rootfs.ts";

const PACKAGES = ["busybox-static", "curl", "linux-image-cloud-amd64"];
/** In loading order. virtio itself is built into Debian's cloud kernel; button and evdev make ACPI's power button work. */
const MODULES =
  "failover net_failover virtio_blk virtio_net cdrom isofs fat vfat nls_ascii nls_cp437 button evdev".split(" ");
const SOURCES = join(import.meta.dirname, "images/vmesh/guest");
const DISK_KIB = 40 * 1024;

/**
 * The disk of the lab's guests: Debian's cloud kernel and an initramfs of busybox, curl and `vmesh-echo` on a FAT disk
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
    await writeFile(join(target, "initrd"), await pack(tree, packages));
    await makeDisk(target, packages);
    await rm(tree, { recursive: true });
    await rm(join(target, "initrd"));
  });
}

const SOURCE_FILES = ["init", "udhcpc.sh", "power-off.sh", "syslinux.cfg"];

async function fillInitramfs(tree: string, packages: string, program: string): Promise<void> {
  const libraries = "usr/lib/x86_64-linux-gnu";
  const folders = [
    "bin",
    "dev",
    "etc/acpi/PWRF",
    "lib64",
    "modules",
    "proc",
    "root",
    "run",
    "sys",
    "tmp",
    "usr/bin",
    libraries,
  ];
  for (const folder of folders) await mkdir(join(tree, folder), { recursive: true });
  await symlink("bin", join(tree, "sbin"));
  await copyFile(join(packages, "usr/bin/busybox"), join(tree, "bin/busybox"));
  await copyFile(join(packages, "usr/bin/curl"), join(tree, "usr/bin/curl"));
  await copyFile(program, join(tree, "usr/bin/vmesh-echo"));
  for (const library of await librariesOf("usr/bin/curl", packages))
    await cp(library, join(tree, libraries, basename(library)), { dereference: true });
  await cp(join(packages, "usr/lib64/ld-linux-x86-64.so.2"), join(tree, "lib64/ld-linux-x86-64.so.2"), {
    dereference: true,
  });
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

/** The shared libraries a program loads, asked of the unpacked system's own loader. */
async function librariesOf(program: string, packages: string): Promise<string[]> {
  const loader = join(packages, "usr/lib64/ld-linux-x86-64.so.2");
  const path = join(packages, "usr/lib/x86_64-linux-gnu");
  const { stdout } = await run(loader, ["--library-path", path, "--list", join(packages, program)], {
    timeoutMs: timeouts.shortCommand,
  });
  return [...stdout.matchAll(/=> (\/\S+)/g)].map(([, library = ""]) => library);
}

async function unpackModule(module: string, packages: string, target: string): Promise<void> {
  const folder = join(packages, "usr/lib/modules");
  const file = (await readdir(folder, { recursive: true })).find((path) => basename(path) === `${module}.ko.xz`);
  if (!file)
    throw environmentError(
      `Debian's kernel has no module \`${module}\`, expected \`${module}.ko.xz\` below \`${folder}\`.`,
    );
  await run("sh", ["-c", 'xz -dc "$1" >"$2"', "sh", join(folder, file), target], { timeoutMs: timeouts.shortCommand });
}

/** A compressed cpio archive of the tree, by the archiver of the unpacked busybox. */
async function pack(tree: string, packages: string): Promise<Buffer> {
  const archive = `${tree}.cpio`;
  const script = 'cd "$1" && find . | LC_ALL=C sort | "$2" cpio -o -H newc -R 0:0 >"$3"';
  await run("sh", ["-c", script, "sh", tree, join(packages, "usr/bin/busybox"), archive], {
    timeoutMs: timeouts.shortCommand,
  });
  const content = await readFile(archive);
  await rm(archive);
  return promisify(zstdCompress)(content, { params: { [constants.ZSTD_c_compressionLevel]: 9 } });
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
