import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parse } from "yaml";
import { z } from "zod";
import { createLog } from "../../../lib/log.ts";
import { answersOnSsh, machineAt } from "../../../lib/machine.ts";
import { keysIn } from "../credentials.ts";
import { launchedMachine, qemuDriver, type QemuOptions } from "../qemu.ts";

// Puts the lab's machine behind an instance of the double of Multipass: `qemu-behind.ts FOLDER launch|exec|delete NAME`,
// called by the double's hooks. FOLDER has `options.json`, the options of QEMU's driver, and keys of the double's own,
// as Multipass has one for all instances.

const userData = z.object({
  hostname: z.string(),
  ssh_authorized_keys: z.array(z.string()),
  ssh_keys: z.object({ ed25519_private: z.string(), ed25519_public: z.string() }),
});

const [folder = "", verb = "", instance = ""] = process.argv.slice(2);
const options = JSON.parse(await readFile(join(folder, "options.json"), "utf8")) as QemuOptions;
const { signal } = new AbortController();
const own = await keysIn(join(folder, "ssh"));
const machine = machineAt({
  name: instance,
  address: options.address.replace(/\/.*/, ""),
  user: "root",
  identityFile: own.identityFile,
  knownHostsFile: own.knownHostsFile,
});

/** Boots the machine with what cloud-init would have told the instance, and waits until it answers. */
async function launch(): Promise<void> {
  const state = process.env["MULTIPASS_DOUBLE"] ?? "";
  const data = userData.parse(parse(await readFile(join(state, "instances", instance, "user-data"), "utf8")));
  const keys = {
    ...own,
    authorizedKey: [...data.ssh_authorized_keys, own.authorizedKey.trim(), ""].join("\n"),
    hostKey: { private: data.ssh_keys.ed25519_private, public: data.ssh_keys.ed25519_public },
  };
  await writeFile(own.knownHostsFile, `${machine.address} ${data.ssh_keys.ed25519_public}\n`);
  const driver = qemuDriver({ ...options, keys });
  await driver.launch({ name: data.hostname, folder, memoryMiB: 512, signal });
  await answersOnSsh(machine, { log: createLog(), signal });
}

/** Runs the script of standard input, whoever was to read it: all are root there. */
async function exec(): Promise<void> {
  const { stdout, stderr, exitCode } = await machine.sh(await text(process.stdin), { allowFailure: true });
  process.stdout.write(`${stdout}\n`);
  process.stderr.write(stderr);
  process.exitCode = exitCode;
}

function remove(): Promise<void> {
  const access = { name: instance, address: "", user: "", identityFile: "", knownHostsFile: "" };
  return launchedMachine(access, options).dispose();
}

const verbs: Record<string, () => Promise<void>> = { launch, exec, delete: remove };
await verbs[verb]?.();
// What talks to the engine may keep connections, and the double waits for this process.
if (verb === "launch") process.exit();
