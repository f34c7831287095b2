import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { credentialsOf, makeKeys } from "./credentials.ts";

test("A machine gets keys of its own, which its credentials and the list of known hosts carry.", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vmesh-keys-"));
  try {
    const keys = await makeKeys(join(folder, "ssh"), "172.30.0.100", AbortSignal.timeout(10_000));
    expect((await stat(keys.identityFile)).mode & 0o777).toBe(0o600);
    expect(await readFile(keys.knownHostsFile, "utf8")).toBe(`172.30.0.100 ${keys.hostKey.public}`);

    const network = { address: "172.30.0.100/24", gateway: "172.30.0.1", dns: "172.30.0.9" };
    const credentials = credentialsOf({ name: "vm", ...network, keys });
    expect(credentials["system.hostname"]).toBe("vm");
    expect(credentials["ssh.authorized_keys.root"]).toMatch(/^ssh-ed25519 .* vmesh\n$/);
    expect(credentials["network.network.10-machine"]).toContain(
      "Address=172.30.0.100/24\nGateway=172.30.0.1\nDNS=172.30.0.9\n",
    );
    const written = (credentials["tmpfiles.extra"] ?? "")
      .trim()
      .split("\n")
      .map((line) => line.split(" "));
    expect(written.map(([, path, mode]) => [path, mode])).toEqual([
      ["/etc/ssh/ssh_host_ed25519_key", "600"],
      ["/etc/ssh/ssh_host_ed25519_key.pub", "644"],
    ]);
    expect(Buffer.from(written[0]?.at(-1) ?? "", "base64").toString()).toBe(keys.hostKey.private);
  } finally {
    await rm(folder, { recursive: true });
  }
});
