import { expect, test } from "vitest";
import { createLog } from "../../lib/log.ts";
import {
  disablingCommands,
  disablingNew,
  ensurePackages,
  installLine,
  missingPackages,
  parsePackages,
  begun,
} from "./host-packages.ts";

test("packages are told by their state: configured ones, and those that have at least begun to be", () => {
  const text = [
    "ii  docker.io",
    "hi  held",
    "rc  removed",
    "un  never",
    "iU  unpacked",
    "iF  half-configured",
    "",
  ].join("\n");
  expect([...parsePackages(text, "i")]).toEqual(["docker.io", "held"]);
  expect([...parsePackages(text, begun)]).toEqual(["docker.io", "held", "half-configured"]);
});

test("every service a package brings is disabled, templates and other files are not touched", () => {
  const files = [
    "/.",
    "/etc/init.d/docker",
    "/lib/systemd/system/docker.service",
    "/usr/lib/systemd/system/docker.socket",
    "/usr/lib/systemd/system/getty@.service",
    "/usr/share/doc/docker.io/docker.service",
  ].join("\n");
  expect(disablingCommands(files)).toEqual([
    { tool: "/usr/sbin/update-rc.d", args: ["docker", "disable"] },
    { tool: "/usr/bin/systemctl", args: ["--root=/", "disable", "docker.service"] },
    { tool: "/usr/bin/systemctl", args: ["--root=/", "disable", "docker.socket"] },
  ]);
});

/** A machine that has `docker.io` once the installation has run, which then ends with `error`, as `disable` may do. */
async function installing(options: { error?: Error; disableError?: Error }) {
  const packages = new Set(["dpkg"]);
  const seen = { disabled: [] as string[], lines: [] as string[] };
  const tools = {
    present: async () => new Set(packages),
    disable: async (names: readonly string[]) => {
      seen.disabled.push(...names);
      if (options.disableError) throw options.disableError;
    },
    log: createLog({ write: (line) => seen.lines.push(line) }),
  };
  const outcome = disablingNew(tools, async () => {
    packages.add("docker.io");
    if (options.error) throw options.error;
  });
  const error = await outcome.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { ...seen, error };
}

test("services of what an installation added are disabled, also when it fails", async () => {
  expect(await installing({})).toMatchObject({ disabled: ["docker.io"], error: undefined, lines: [] });
  const error = new Error("dpkg broke");
  expect(await installing({ error })).toMatchObject({ disabled: ["docker.io"], error, lines: [] });
});

test("an installation's own error wins over one of disabling, which is told", async () => {
  const [error, disableError] = [new Error("dpkg broke"), new Error("systemctl broke")];
  expect(await installing({ disableError })).toMatchObject({ error: disableError });
  const both = await installing({ error, disableError });
  expect(both).toMatchObject({ error, lines: [expect.stringContaining("systemctl broke")] });
});

test("the line to type names all packages", () => {
  expect(installLine(["nftables", "docker.io"])).toBe("apt-get install --no-install-recommends nftables docker.io");
});

test.runIf(process.platform === "linux")("a package that exists nowhere is missing", async () => {
  expect(await missingPackages(["vmesh-no-such-package"])).toEqual(["vmesh-no-such-package"]);
});

test.runIf(process.platform === "linux")("what is there already is neither installed nor mentioned", async () => {
  const lines: string[] = [];
  await ensurePackages(["util-linux"], { log: createLog({ write: (line) => lines.push(line) }) });
  expect(lines).toEqual([]);
});

test.runIf(process.platform === "linux" && process.getuid?.() !== 0)(
  "without root the error has the line to type",
  async () => {
    const installing = ensurePackages(["vmesh-no-such-package"], { log: createLog({ write: () => {} }) });
    await expect(installing).rejects.toThrow(/`vmesh-no-such-package`/);
  },
);
