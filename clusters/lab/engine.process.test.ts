import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { run } from "../../lib/command.ts";
import { createLog } from "../../lib/log.ts";
import { isAlive, readDaemon, stopDaemon } from "./daemon.ts";
import { clusterLabel, docker } from "./docker.ts";
import { enginePaths, mountsBelow, stopDockerd } from "./dockerd.ts";
import { attachEngines, ensureEngine } from "./engine.ts";
import { createNetwork } from "./network.ts";

const reason = [
  [process.getuid?.() !== 0, "needs root"],
  [!existsSync("/usr/sbin/dockerd"), "needs Debian's `docker.io`"],
  [existsSync("/var/run/docker.sock"), "the system's engine would be used"],
].find(([applies]) => applies)?.[1];

describe.skipIf(reason)(`an engine of our own${reason ? ` (skipped: ${reason})` : ""}`, () => {
  const log = createLog({ write: () => {} });
  let cacheDir: string;
  beforeEach(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), "vmesh-engine-"));
    // Nothing answers there, and the system's socket is not asked once ours runs.
    vi.stubEnv("DOCKER_HOST", "");
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await stopDockerd(enginePaths(cacheDir));
    await rm(cacheDir, { recursive: true });
  });

  test("outlives everything but its last user, and leaves the host as it was", async () => {
    const before = await hostState();
    const paths = enginePaths(cacheDir);

    const first = await ensureEngine({ cacheDir, log });
    expect(first).toMatchObject({ owned: true, socket: paths.socket });
    const daemon = await readDaemon(paths.pidFile);
    const second = await ensureEngine({ cacheDir, log });
    expect(await readDaemon(paths.pidFile)).toEqual(daemon);
    await createNetwork(first.socket, { clusterId: "enginetest", cacheDir });

    await second.release();
    expect(daemon && (await isAlive(daemon))).toBe(true);
    await first.release();
    await first.release();
    expect(daemon && (await isAlive(daemon))).toBe(false);
    expect(existsSync(paths.runtimeDir)).toBe(false);
    expect(await attachEngines({ cacheDir, log })).toEqual([]);
    expect(await hostState()).toBe(before);
  });

  test.for([
    ["was killed", false],
    ["ended in a reboot, which empties /run", true],
  ] as const)("stays while it holds a lab, comes back after it %s, and goes with the lab", async ([, isReboot]) => {
    const paths = enginePaths(cacheDir);
    const engine = await ensureEngine({ cacheDir, log });
    const archive = join(cacheDir, "empty.tar");
    await run("tar", ["-cf", archive, "-T", "/dev/null"], { timeoutMs: 5_000 });
    const host = { DOCKER_HOST: `unix://${engine.socket}` };
    await run("docker", ["import", archive, "vmesh-test:1"], { timeoutMs: 20_000, env: host });
    const body = { Image: "vmesh-test:1", Cmd: ["/none"], Labels: { [clusterLabel]: "enginetest" } };
    await docker(engine.socket, "/containers/create?name=lab", { method: "POST", body });

    await engine.release();
    const daemon = await readDaemon(paths.pidFile);
    if (!daemon) throw new Error("no pid file");
    expect(await isAlive(daemon)).toBe(true);
    process.kill(daemon.pid, "SIGKILL");
    await stopDaemon(daemon);
    if (isReboot) await stopDockerd(paths);

    const [recovered] = await attachEngines({ cacheDir, log });
    expect(recovered?.owned).toBe(true);
    await docker(paths.socket, "/containers/lab", { method: "DELETE" });
    await recovered?.release();
    expect(existsSync(paths.runtimeDir)).toBe(false);
    expect(mountsBelow(await readFile("/proc/self/mountinfo", "utf8"), [paths.dataRoot, paths.runtimeDir])).toEqual([]);
  });

  test("that cannot start says why, and leaves nothing running", async () => {
    const paths = enginePaths(cacheDir);
    await run("mkdir", ["-p", join(cacheDir, "engine")], { timeoutMs: 5_000 });
    await run("sh", ["-c", `echo not a folder > ${paths.dataRoot}`], { timeoutMs: 5_000 });

    await expect(ensureEngine({ cacheDir, log })).rejects.toMatchObject({
      message: "`dockerd` ended while starting.",
      evidence: expect.stringContaining(paths.dataRoot),
    });
    expect(existsSync(paths.runtimeDir)).toBe(false);
  });
});

/** What an engine could change: packet filter, forwarding, mounts. Other labs may come and go meanwhile. */
async function hostState(): Promise<string> {
  const commands = [
    "iptables-save | grep -v '^#'",
    "sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding",
    "grep vmesh-engine- /proc/self/mountinfo",
    "ip -o link show vm-enginetest 2>&1",
  ];
  const { stdout } = await run("sh", ["-c", commands.join("; ")], { timeoutMs: 20_000, allowFailure: true });
  return stdout;
}
