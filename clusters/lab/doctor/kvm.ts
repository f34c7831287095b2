import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../lib/command.ts";
import { describeError } from "../../../lib/errors.ts";
import { timeouts } from "../../../lib/timeouts.ts";
import { fine, type Judgement, limited } from "../../finding.ts";
import { kindOf } from "../cache.ts";

/** What became of KVM; `untried` where nothing is built yet that could boot. */
export type SeenKvm =
  | { outcome: "absent" }
  | { outcome: "untried" }
  | { outcome: "boots"; seconds: number }
  | { outcome: "fails"; why: string; seconds: number };

/**
 * KVM is never needed. The external VM uses it where a kernel boots in it: the device may be there and a guest die in
 * it all the same. VMIs are always emulated.
 */
export function judgeKvm(seen: SeenKvm): Judgement {
  const slower = "the external VM is emulated and boots in 25 to 45 s, as VMIs are anyway";
  const mend = "nothing has to be done; a machine with hardware or nested virtualization is faster";
  switch (seen.outcome) {
    case "absent":
      return limited("kvm", `no \`/dev/kvm\`: ${slower}`, mend);
    case "untried":
      return fine("kvm", "`/dev/kvm` is there; a run tries to boot in it once it has built what to boot");
    case "boots":
      return fine("kvm", `a kernel boots in it within ${seen.seconds.toFixed(1)} s; VMIs are emulated all the same`);
    case "fails": {
      const trial = `a trial of ${seen.seconds.toFixed(1)} s ended with: ${seen.why}`;
      return limited("kvm", `\`/dev/kvm\` is there, but no kernel boots in it (${trial}): ${slower}`, mend);
    }
  }
}

/** Boots the kernel of the external VM with the QEMU of its container, both from the cache, as that container does. */
export async function readKvm(cacheDir: string): Promise<SeenKvm> {
  if (!existsSync("/dev/kvm")) return { outcome: "absent" };
  const entries = existsSync(cacheDir) ? await readdir(cacheDir) : [];
  const machine = entries.find((name) => kindOf(name) === "machine");
  const launcher = entries.find((name) => kindOf(name) === "rootfs-launcher");
  if (machine === undefined || launcher === undefined) return { outcome: "untried" };
  const root = await mkdtemp(join(tmpdir(), "vmesh-kvm-"));
  try {
    const archive = ["--extract", "--file", join(cacheDir, launcher, "rootfs.tar"), "--directory", root];
    await run("tar", [...archive, ...qemuFiles], { timeoutMs: timeouts.shortCommand });
    return await tryBoot(qemuCommand(root, join(cacheDir, machine)));
  } finally {
    await rm(root, { recursive: true });
  }
}

/**
 * Runs a command until it says that its guest came up, or that KVM gave up, which QEMU would survive; `timeoutMs` at
 * most.
 */
export async function tryBoot(command: readonly string[], timeoutMs: number = timeouts.trialBoot): Promise<SeenKvm> {
  const started = performance.now();
  const enough = new AbortController();
  const said: string[] = [];
  const onLine = (line: string) => {
    said.push(line.trim());
    if (up.test(line) || dead.test(line)) enough.abort();
  };
  const seconds = () => (performance.now() - started) / 1000;
  const options = { timeoutMs, signal: enough.signal, onLine, allowFailure: true };
  // Its lines are heard on standard error alone. They say what came of it, also where it did not end by itself.
  const end = await run("sh", ["-c", 'exec "$@" >&2', "sh", ...command], options).then(
    ({ exitCode }) => `QEMU ended with exit code ${exitCode}`,
    (error: unknown) =>
      seconds() * 1000 < timeoutMs ? describeError(error) : `no process of the kernel within ${timeoutMs / 1000} s`,
  );
  if (said.some((line) => up.test(line))) return { outcome: "boots", seconds: seconds() };
  // That it is ended at the time's end is nothing QEMU complains about.
  const complaints = said.filter((line) => line.includes("qemu") && !line.includes("terminating on signal"));
  const complaint = said.find((line) => dead.test(line)) ?? complaints.at(-1);
  return { outcome: "fails", why: complaint ?? end, seconds: seconds() };
}

/** Said by `init` of the machine's initial file system. */
const up = /the trial boot works/;
const dead = /KVM internal error/;

const libraries = "usr/lib/x86_64-linux-gnu";
const qemuFiles = [
  "./usr/bin/qemu-system-x86_64",
  `./${libraries}`,
  "./usr/lib64",
  "./usr/share/qemu",
  "./usr/share/seabios",
];

/** With its own linker and libraries, so that it needs nothing of this machine. */
function qemuCommand(root: string, machine: string): string[] {
  const linker = [join(root, libraries, "ld-linux-x86-64.so.2"), "--library-path", join(root, libraries)];
  const firmware = ["share/qemu", "share/seabios"].flatMap((folder) => ["-L", join(root, "usr", folder)]);
  const hardware = "-machine q35 -accel kvm -cpu host -m 128 -smp 1 -nodefaults -display none -serial stdio -no-reboot";
  const kernel = ["-kernel", join(machine, "vmlinuz"), "-initrd", join(machine, "initrd")];
  const line = ["-append", "console=ttyS0 panic=-1 quiet vmesh.trial"];
  return [...linker, join(root, "usr/bin/qemu-system-x86_64"), ...firmware, ...hardware.split(" "), ...kernel, ...line];
}
