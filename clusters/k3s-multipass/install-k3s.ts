import { stringify } from "yaml";
import { environmentError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { quote } from "../../lib/shell.ts";
import { timeouts } from "../../lib/timeouts.ts";
import type { Multipass } from "../machines/multipass-cli.ts";
import type { PlannedInstance } from "./instances.ts";

/** What makes an instance a node. */
export interface NodeParts {
  /** Files of this machine: k3s for the instance's architecture, and its installer. */
  k3s: string;
  installer: string;
  /** As k3s itself tells it, `v1.27.7+k3s1`. */
  version: string;
  /** By which agents are let in. */
  token: string;
  /** Content of registries.yaml. */
  registries?: Readonly<Record<string, unknown>> | undefined;
}

export interface InstallContext {
  multipass: Multipass;
  log: Pick<Log, "info">;
  signal: AbortSignal;
}

const folder = "/tmp/vmesh";

/**
 * Makes an instance the server, without Traefik, as Istio has gateways of its own, and with k3s' own load balancer. Its
 * certificate holds for the name by which agents ask for it, whatever address it has. Does nothing where this version runs.
 */
export function installServer(
  { host, name }: PlannedInstance,
  address: string,
  parts: NodeParts,
  context: InstallContext,
): Promise<void> {
  const settings = {
    "node-name": host,
    token: parts.token,
    disable: ["traefik"],
    "tls-san": [name, address],
    "write-kubeconfig-mode": "0600",
  };
  return install("server", name, settings, "", parts, context);
}

/** Makes an instance an agent of the server, which it knows by name, and to which `/etc/hosts` leads it. */
export function installAgent(
  { host, name }: PlannedInstance,
  server: { name: string; address: string },
  parts: NodeParts,
  context: InstallContext,
): Promise<void> {
  const settings = { "node-name": host, token: parts.token, server: `https://${server.name}:6443` };
  return install("agent", name, settings, hostsScript(server), parts, context);
}

/** Script that makes a server's name mean its address, which may have been another one before. */
export function hostsScript({ name, address }: { name: string; address: string }): string {
  // By a copy: a file of an image may be a mount, which cannot be replaced.
  return `
grep -v ' ${name}$' /etc/hosts >/tmp/vmesh-hosts || true
echo '${address} ${name}' >>/tmp/vmesh-hosts
cat /tmp/vmesh-hosts >/etc/hosts
`;
}

async function install(
  role: "server" | "agent",
  name: string,
  settings: Record<string, unknown>,
  before: string,
  parts: NodeParts,
  { multipass, log, signal }: InstallContext,
): Promise<void> {
  const unit = role === "server" ? "k3s" : "k3s-agent";
  const { version } = parts;
  const found = await multipass.sh(name, `${before}\nif systemctl is-active --quiet ${unit}; then k3s --version; fi`, {
    signal,
  });
  if (versionIn(found.stdout) === version) return log.info(`${name} runs k3s ${version} already`);
  await multipass.transfer(parts.k3s, name, `${folder}/k3s`, { signal });
  await multipass.transfer(parts.installer, name, `${folder}/k3s-install.sh`, { signal });
  const script = `
mkdir -p /etc/rancher/k3s /usr/local/bin
umask 077
${writeScript("/etc/rancher/k3s/config.yaml", stringify(settings))}
${parts.registries ? writeScript("/etc/rancher/k3s/registries.yaml", stringify(parts.registries)) : ""}
umask 022
install -m 755 ${folder}/k3s /usr/local/bin/k3s
export INSTALL_K3S_SKIP_DOWNLOAD=true
sh ${folder}/k3s-install.sh ${role}
rm -r ${folder}
k3s --version
`;
  const { stdout } = await multipass.sh(name, script, { signal, timeoutMs: timeouts.k3sInstall });
  const installed = versionIn(stdout);
  if (installed === version) return log.info(`${name} runs k3s ${version} as ${role}`);
  throw environmentError(`Instance \`${name}\` has k3s ${installed ?? "of an unknown version"}, expected ${version}.`, {
    evidence: stdout,
  });
}

/** Script that writes a file, whatever is in it. */
function writeScript(path: string, content: string): string {
  return `printf '%s' ${quote(content)} >${path}`;
}

function versionIn(text: string): string | undefined {
  return /^k3s version (\S+)/m.exec(text)?.[1];
}
