import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandOptions, run } from "../../lib/command.ts";
import { environmentError, HarnessError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import type { Multipass } from "../machines/multipass-cli.ts";
import type { Architecture } from "./test-images.ts";

/** What a machine needs to join the mesh and to be a workload of it. */
export interface SidecarParts {
  /** Istio's Debian package for VMs, a file of this machine. */
  package: string;
  /** Our `vmesh-echo` for the machine's architecture. */
  echo: string;
  /** Image and tool to take Istio's programs from, should the package be for another architecture. */
  proxyImage: string | undefined;
  containerTool: "docker" | "podman";
}

interface Where {
  multipass: Multipass;
  /** Name of the instance. */
  instance: string;
  architecture: Architecture;
  log: Pick<Log, "info" | "warn">;
  signal: AbortSignal;
}

const folder = "/tmp/vmesh";
/** The programs in Istio's package, and where the proxy's image has them, too. */
const programs = ["/usr/local/bin/envoy", "/usr/local/bin/pilot-agent"] as const;

/**
 * Installs Istio's package and our program on the machine, and starts neither. A package for another architecture is
 * unpacked instead, as the source does, and its programs come from the proxy's image. Throws an environment error if
 * neither way leads there.
 */
export async function prepareVm(parts: SidecarParts, where: Where): Promise<void> {
  const { multipass, instance, signal } = where;
  await multipass.transfer(parts.echo, instance, `${folder}/vmesh-echo`, { signal });
  await multipass.transfer(parts.package, instance, `${folder}/istio-sidecar.deb`, { signal });
  const script = `
install -m 755 ${folder}/vmesh-echo /usr/local/bin/vmesh-echo
dpkg --install ${folder}/istio-sidecar.deb
`;
  try {
    await multipass.sh(instance, script, { signal, timeoutMs: timeouts.sidecarInstall });
  } catch (error) {
    const other = otherArchitecture(error);
    if (other === undefined) throw error;
    await installOtherwise(other, parts, where, error);
  }
  await multipass.sh(instance, `rm -r ${folder}`, { signal });
}

/** The architecture of a package that dpkg refused for it, `amd64` on an arm64 machine say. */
export function otherArchitecture(error: unknown): string | undefined {
  if (!(error instanceof HarnessError)) return undefined;
  return /package architecture \((\w+)\) does not match system/.exec(error.evidence ?? "")?.[1];
}

async function installOtherwise(
  other: string,
  { proxyImage, containerTool }: SidecarParts,
  { multipass, instance, architecture, log, signal }: Where,
  cause: unknown,
): Promise<void> {
  const problem = `Istio's package is for ${other}, the machine is ${architecture}`;
  if (proxyImage === undefined) {
    throw environmentError(`${problem}, and the version set has no image \`istio/proxyv2\`.`, { cause });
  }
  log.warn(`${problem}: envoy and pilot-agent come from ${proxyImage} instead, by ${containerTool}`);
  const taken = await mkdtemp(join(tmpdir(), "vmesh-proxy-"));
  try {
    await takeFiles(containerTool, proxyImage, { architecture, taken, signal });
    for (const path of programs)
      await multipass.transfer(join(taken, nameOf(path)), instance, `${folder}${path}`, { signal });
    await multipass.sh(instance, unpackScript, { signal, timeoutMs: timeouts.sidecarInstall });
  } finally {
    await rm(taken, { recursive: true });
  }
}

/** What the package does when it is installed, with programs that are there already. Each place by name, as in the source. */
const unpackScript = `
dpkg-deb --extract ${folder}/istio-sidecar.deb ${folder}/package
for program in envoy pilot-agent; do install -m 755 ${folder}/usr/local/bin/$program /usr/local/bin/$program; done
install -m 755 ${folder}/package/usr/local/bin/istio-start.sh /usr/local/bin/istio-start.sh
install -D -m 644 "$(find ${folder}/package -name istio.service)" /etc/systemd/system/istio.service
mkdir -p /etc/certs /etc/istio/config /etc/istio/proxy /var/lib/istio/envoy /var/lib/istio/proxy /var/log/istio
cp ${folder}/package/var/lib/istio/envoy/* /var/lib/istio/envoy/
id istio-proxy >/dev/null 2>&1 || useradd --system --user-group --home-dir /var/lib/istio istio-proxy
chown -R istio-proxy:istio-proxy /etc/certs /etc/istio/config /etc/istio/proxy /var/lib/istio/ /var/log/istio
systemctl daemon-reload
`;

/** Copies files out of an image that is never run, and may be for another architecture than this machine's. */
async function takeFiles(
  tool: string,
  image: string,
  { architecture, taken, signal }: { architecture: Architecture; taken: string; signal: AbortSignal },
): Promise<void> {
  const options: CommandOptions = { timeoutMs: timeouts.download, signal };
  const created = await run(tool, ["create", "--platform", `linux/${architecture}`, image], options);
  const container = created.stdout.trim().split("\n").at(-1) ?? "";
  try {
    for (const path of programs) await run(tool, ["cp", `${container}:${path}`, join(taken, nameOf(path))], options);
  } finally {
    await run(tool, ["rm", container], { timeoutMs: timeouts.shortCommand });
  }
}

function nameOf(path: string): string {
  return path.split("/").at(-1) ?? path;
}
