import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../lib/command.ts";
import { timeouts } from "../../lib/timeouts.ts";

/** The keys with which a machine is reached: made for it alone, and gone with its folder. */
export interface MachineKeys {
  identityFile: string;
  /** Public half of the user's key, a line of authorized_keys. */
  authorizedKey: string;
  /** The machine's own key, private and public. */
  hostKey: { private: string; public: string };
  knownHostsFile: string;
}

/** Makes the SSH keys of a machine of this address, or of whatever address it will have, `*`, below `folder`. */
export async function makeKeys(folder: string, address: string, signal: AbortSignal): Promise<MachineKeys> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { identityFile, hostKeyFile, knownHostsFile } = filesIn(folder);
  for (const file of [identityFile, hostKeyFile]) {
    const args = ["-q", "-t", "ed25519", "-N", "", "-C", "vmesh", "-f", file];
    await run("ssh-keygen", args, { timeoutMs: timeouts.shortCommand, signal });
  }
  await writeFile(knownHostsFile, `${address} ${await readFile(`${hostKeyFile}.pub`, "utf8")}`);
  return keysIn(folder);
}

/** The keys that `makeKeys` made below a folder. */
export async function keysIn(folder: string): Promise<MachineKeys> {
  const { identityFile, hostKeyFile, knownHostsFile } = filesIn(folder);
  const read = (file: string) => readFile(file, "utf8");
  const hostKey = { private: await read(hostKeyFile), public: await read(`${hostKeyFile}.pub`) };
  return { identityFile, authorizedKey: await read(`${identityFile}.pub`), hostKey, knownHostsFile };
}

function filesIn(folder: string) {
  const file = (name: string) => join(folder, name);
  return { identityFile: file("identity"), hostKeyFile: file("host-key"), knownHostsFile: file("known-hosts") };
}

/**
 * What a machine is told at its first boot, as systemd credentials: name to content. systemd itself acts on them, see
 * systemd.system-credentials(7).
 */
export function credentialsOf(machine: {
  name: string;
  /** Address with prefix length. */
  address: string;
  gateway: string;
  dns: string;
  keys: MachineKeys;
}): Record<string, string> {
  const { name, address, gateway, dns, keys } = machine;
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const file = (path: string, mode: string, content: string) => `f+~ ${path} ${mode} root root - ${base64(content)}\n`;
  return {
    "system.hostname": name,
    "ssh.authorized_keys.root": keys.authorizedKey,
    "network.network.10-machine":
      `[Match]\nType=ether\n[Network]\nAddress=${address}\nGateway=${gateway}\nDNS=${dns}\n` +
      "IPv6AcceptRA=no\nLinkLocalAddressing=no\n",
    "tmpfiles.extra":
      file("/etc/ssh/ssh_host_ed25519_key", "600", keys.hostKey.private) +
      file("/etc/ssh/ssh_host_ed25519_key.pub", "644", keys.hostKey.public),
  };
}
