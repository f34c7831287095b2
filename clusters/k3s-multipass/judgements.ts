import { fine, type Judgement, limited, missing } from "../finding.ts";
import type { InstanceSize } from "../machines/multipass-cli.ts";

/** Judges whether Multipass can run here at all, by Node's names of platform and architecture. */
export function judgeSystem(platform: string, architecture: string): Judgement {
  const detail = `${platform} on ${architecture}`;
  if (["linux", "darwin"].includes(platform) && ["x64", "arm64"].includes(architecture)) return fine("system", detail);
  return missing("system", `${detail}, expected Linux or macOS on x64 or arm64`, "use another machine");
}

/** Judges Multipass by what its program and its daemon say of themselves. */
export function judgeMultipass(
  program: string,
  seen: { client: string; daemon: string | undefined } | undefined,
  problem = "",
): Judgement {
  if (problem !== "" || (seen && seen.daemon === undefined)) {
    const detail = `\`${program}\` is there, its daemon does not answer${problem ? `: ${problem}` : ""}`;
    const mend =
      "start it (`snap start multipass`, or on a Mac open Multipass once), and be of the group that may use it";
    return missing("multipass", detail, mend);
  }
  if (!seen) {
    return missing(
      "multipass",
      `there is no program \`${program}\``,
      "install it: `snap install multipass`, or `brew install multipass`",
    );
  }
  return fine("multipass", `version ${seen.client}, its daemon ${seen.daemon} answers`);
}

/** Judges how Multipass runs its machines; `hasKvm` counts for the drivers that need it. */
export function judgeDriver(driver: string, hasKvm: boolean): Judgement {
  const needsKvm = process.platform === "linux" && ["qemu", "libvirt", "lxd"].includes(driver);
  if (!needsKvm) return fine("driver", `${driver}; whether this machine virtualizes is its own look`);
  if (hasKvm) return fine("driver", `${driver}, and \`/dev/kvm\` may be used`);
  return missing(
    "driver",
    `${driver} needs \`/dev/kvm\`, which is not there`,
    "turn on virtualization in the firmware, or nested virtualization for this machine; then `modprobe kvm_intel` or `kvm_amd`",
  );
}

/** Judges the memory for all instances together, in MiB. Multipass gives each as much as it asks for when it needs it. */
export function judgeInstancesMemory(sizes: readonly InstanceSize[], availableMiB: number): Judgement {
  const needed = sizes.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
  const detail = `${gibibytes(availableMiB)} are available, ${sizes.length} instances take up to ${gibibytes(needed)}`;
  const fewer = "fewer agents (`agents`), or smaller ones (`agent.memory`)";
  if (availableMiB >= needed) return fine("memory", detail);
  // They seldom use all of it at once.
  if (availableMiB >= needed / 2) return limited("memory", `${detail}: this machine may swap`, `ask for ${fewer}`);
  return missing("memory", detail, `end what uses it, or ask for ${fewer}`);
}

/** Judges the disk that instances are on, in GiB. Disks grow as they are written to: half of what they may be is a lot. */
export function judgeInstancesDisk(sizes: readonly InstanceSize[], folder: string, freeGiB: number): Judgement {
  const whole = sizes.reduce((sum, { diskGiB }) => sum + diskGiB, 0);
  const needed = Math.ceil(whole / 2);
  const detail = `${Math.floor(freeGiB)} GiB free at \`${folder}\`, ${sizes.length} disks of ${whole} GiB together are written to about ${needed} GiB`;
  if (freeGiB >= needed) return fine("disk", detail);
  return missing("disk", detail, "free some, move Multipass' storage, or ask for fewer agents (`agents`)");
}

/** Judges the processors: instances may ask for more together than there are. */
export function judgeProcessors(sizes: readonly InstanceSize[], count: number): Judgement {
  const most = Math.max(...sizes.map(({ cpus }) => cpus));
  const detail = `${count}, instances ask for up to ${most} each`;
  if (count >= most) return fine("processors", detail);
  return limited("processors", `${detail}: they share what there is`, "ask for fewer (`agent.cpus`, `server.cpus`)");
}

/** Judges programs of this machine that a run needs, by those that are not there. */
export function judgeTools(needed: readonly string[], absent: readonly string[]): Judgement {
  if (absent.length === 0) return fine("tools", needed.join(", "));
  return missing(
    "tools",
    `not there: ${absent.join(", ")}`,
    `install ${absent.map((tool) => packages[tool] ?? tool).join(", ")}`,
  );
}

const packages: Record<string, string> = {
  ssh: "OpenSSH's client",
  "ssh-keygen": "OpenSSH's client",
  flock: "`flock` (of util-linux)",
  tar: "GNU tar",
};

function gibibytes(mebibytes: number): string {
  return `${(mebibytes / 1024).toFixed(1)} GiB`;
}
