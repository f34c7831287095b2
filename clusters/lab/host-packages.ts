import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { tmpdir } from "node:os";
import { run } from "../../lib/command.ts";
import { describeError, environmentError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { lockFile } from "./lock.ts";

/** Debian packages the lab uses on the host, each with the programs or files that must be there where Debian is not. */
export const hostPackages: Readonly<Record<string, readonly string[]>> = {
  "docker.io": ["dockerd", "docker", "containerd"],
  "docker-registry": ["docker-registry"],
  nftables: ["nft"],
  iptables: ["iptables"],
  iproute2: ["ip"],
  "util-linux": ["flock", "unshare"],
  mmdebstrap: ["mmdebstrap"],
  dosfstools: ["mkfs.vfat"],
  mtools: ["mcopy"],
  syslinux: ["syslinux"],
  e2fsprogs: ["mke2fs"],
  "openssh-client": ["ssh", "ssh-keygen"],
  "xz-utils": ["xz"],
  "python3-pip": ["python3", "pip3"],
  // virt-launcher is linked with libvirt.
  gcc: ["gcc"],
  "libc6-dev": ["/usr/include/stdio.h"],
  "pkg-config": ["pkg-config"],
  "libvirt-dev": ["/usr/include/libvirt/libvirt.h"],
};

/** Debian packages that a lab needs on this machine. */
export const labPackages: readonly string[] = Object.keys(hostPackages);

export interface PackageOptions {
  log: Log;
  signal?: AbortSignal | undefined;
}

/**
 * Installs the Debian packages that are missing, after a message that names them. No service is started or enabled by
 * it: neither one of these packages nor of a package they bring, also where the installation fails or is interrupted.
 * Installations of several processes wait for each other.
 * Throws an environment error without root (with the command to type), and on other systems if a program is missing.
 */
export async function ensurePackages(names: readonly string[], { log, signal }: PackageOptions): Promise<void> {
  const missing = await missingPackages(names, signal);
  if (missing.length === 0) return;
  if (!existsSync("/usr/bin/apt-get")) throw notDebian(missing);
  if (process.getuid?.() !== 0) {
    throw environmentError(`Debian packages are missing, and only root can install them: ${list(missing)}.`, {
      hint: `sudo ${installLine(missing)}`,
    });
  }
  const lock = await lockFile(installLock, { mode: "exclusive", signal });
  try {
    // Another process may have installed them meanwhile.
    const still = await missingPackages(names, signal);
    if (still.length > 0) await install(still, { log, signal });
  } finally {
    await lock.release();
  }
  signal?.throwIfAborted();
}

/** Held by whoever installs; only root does, and only root can write there. */
const installLock = "/run/vmesh/packages.lock";

async function install(missing: readonly string[], { log, signal }: PackageOptions): Promise<void> {
  log.info(`installing Debian packages that are missing: ${missing.join(", ")}`);
  const update = await run("apt-get", ["update", ...aptOptions], { ...aptRun, signal, allowFailure: true });
  if (update.exitCode !== 0)
    log.warn(`\`apt-get update\` ended with ${update.exitCode}; the package lists known so far are used`);
  signal?.throwIfAborted();
  // From here on not interruptible: half an installation needs mending by hand.
  const tools = { present: () => packagesIn(begun), disable: disableServices, log };
  await disablingNew(tools, () =>
    withoutServices((wrap) =>
      run(
        ...wrap("apt-get", "install", "--yes", "--no-remove", "--no-install-recommends", ...aptOptions, ...missing),
        aptRun,
      ),
    ),
  );
  const still = await missingPackages(missing);
  if (still.length > 0)
    throw environmentError(`\`apt-get\` succeeded, but these packages are not installed: ${list(still)}.`);
}

/**
 * Disables the services of every package that is there after `work` and was not before, however `work` ends.
 * Its own error wins over one of the disabling, which then is a warning.
 */
export async function disablingNew(
  tools: {
    present: () => Promise<ReadonlySet<string>>;
    disable: (packages: readonly string[]) => Promise<void>;
    log: Log;
  },
  work: () => Promise<unknown>,
): Promise<void> {
  const { present, disable, log } = tools;
  const before = await present();
  const disableAdded = async () => disable([...(await present())].filter((name) => !before.has(name)));
  try {
    await work();
  } catch (error) {
    await disableAdded().catch((late: unknown) =>
      log.warn(`services that the failed installation enabled may start with the next boot: ${describeError(late)}`),
    );
    throw error;
  }
  await disableAdded();
}

/** Packages that are not installed, and of which a program is missing too: Docker may well come from elsewhere. */
export async function missingPackages(names: readonly string[], signal?: AbortSignal): Promise<string[]> {
  if (existsSync("/usr/bin/dpkg-query")) {
    const installed = await packagesIn("i", signal);
    return names.filter((name) => !installed.has(name) && missingPrograms(name).length > 0);
  }
  return names.filter((name) => missingPrograms(name).length > 0);
}

/** The mirror that this machine's own apt uses; undefined before the first `apt-get update`, and without one. */
export async function debianMirror(signal?: AbortSignal): Promise<string | undefined> {
  const filter = ["--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian", "Component: main"];
  const { stdout } = await run("apt-get", ["indextargets", ...filter], { timeoutMs: timeouts.shortCommand, signal });
  return stdout.split("\n")[0] || undefined;
}

/** The line a user types to install packages. */
export function installLine(names: readonly string[]): string {
  return `apt-get install --no-install-recommends ${names.join(" ")}`;
}

/**
 * Packages in one of these states, letters as in the second column of `dpkg --list`, in what `dpkg-query` prints, one
 * `ii  NAME` a line. `i` is unpacked and configured.
 */
export function parsePackages(text: string, states: string): Set<string> {
  const pattern = new RegExp(`^.[${states}] {1,2}(\\S+)$`);
  return new Set(text.split("\n").flatMap((line) => pattern.exec(line)?.[1] ?? []));
}

/** States in which a package's configuration has begun: it may have enabled services, also where that failed. */
export const begun = "iFWt";

const aptRun = {
  timeoutMs: timeouts.packageInstall,
  env: { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_SUSPEND: "1", LC_ALL: "C" },
};
const aptOptions = [
  "--quiet",
  "--option=DPkg::Lock::Timeout=300",
  "--option=Acquire::Retries=3",
  "--option=Dpkg::Use-Pty=0",
  "--option=Dpkg::Options::=--force-confold",
];

async function packagesIn(states: string, signal?: AbortSignal): Promise<Set<string>> {
  const format = ["--show", "--showformat", "${db:Status-Abbrev} ${Package}\\n"];
  return parsePackages((await run("dpkg-query", format, { timeoutMs: timeouts.hostCommand, signal })).stdout, states);
}

/**
 * Debian starts a service as soon as its package is configured, unless /usr/sbin/policy-rc.d forbids it. Ours is
 * mounted over that file in a mount namespace of the installation alone: nothing is left after a kill but, where there
 * was no such file, one that forbids nothing.
 */
async function withoutServices<T>(
  install: (wrap: (...command: string[]) => [string, string[]]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "vmesh-policy-"));
  const deny = join(folder, "policy-rc.d");
  await writeFile(deny, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const isNew = !existsSync(policy);
  if (isNew) await writeFile(policy, "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  const script = `mount --bind "$1" ${policy}; shift; exec "$@"`;
  try {
    return await install((...command) => ["unshare", ["--mount", "sh", "-euc", script, "sh", deny, ...command]]);
  } finally {
    if (isNew) await rm(policy, { force: true });
    await rm(folder, { recursive: true });
  }
}

const policy = "/usr/sbin/policy-rc.d";

/** Undoes what the installation enabled for the next boot: units and start scripts of the packages it added. */
async function disableServices(packages: readonly string[]): Promise<void> {
  if (packages.length === 0) return;
  const options = { timeoutMs: timeouts.hostCommand };
  const { stdout } = await run("dpkg-query", ["--listfiles", ...packages], options);
  const failures: string[] = [];
  for (const { tool, args } of disablingCommands(stdout)) {
    if (!existsSync(tool)) continue;
    const { exitCode, stderr } = await run(tool, args, { ...options, allowFailure: true });
    if (exitCode !== 0) failures.push(`${tool} ${args.join(" ")}: ${stderr || `exit code ${exitCode}`}`);
  }
  if (failures.length === 0) return;
  throw environmentError("Services of installed packages could not be disabled.", { evidence: failures.join("\n") });
}

/** How to disable every service among the files of a package. */
export function disablingCommands(files: string): { tool: string; args: string[] }[] {
  return files.split("\n").flatMap((path) => {
    const unit = /^(?:\/usr)?\/lib\/systemd\/system\/([^/@]+\.(?:service|socket|timer|path))$/.exec(path)?.[1];
    if (unit) return [{ tool: "/usr/bin/systemctl", args: ["--root=/", "disable", unit] }];
    const script = /^\/etc\/init\.d\/([^/]+)$/.exec(path)?.[1];
    return script ? [{ tool: "/usr/sbin/update-rc.d", args: [script, "disable"] }] : [];
  });
}

function missingPrograms(name: string): string[] {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return (hostPackages[name] ?? [name]).filter(
    (program) => !folders.some((folder) => existsSync(isAbsolute(program) ? program : join(folder, program))),
  );
}

function notDebian(missing: readonly string[]): Error {
  return environmentError(
    `This is not a Debian system, and programs are missing: ${list(missing.flatMap(missingPrograms))}.`,
    {
      hint: `install them with this system's own package manager (Debian's packages are called ${missing.join(", ")})`,
    },
  );
}

function list(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}
