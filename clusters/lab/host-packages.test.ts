import { expect, test } from "vitest";
import { createLog } from "../../lib/log.ts";
import { disablingCommands, ensurePackages, installLine, missingPackages, parseInstalled } from "./host-packages.ts";

test("only packages that are unpacked and configured count as installed", () => {
  const text = [
    "ii  docker.io",
    "hi  held",
    "rc  removed",
    "un  never",
    "iU  unpacked",
    "iF  half-configured",
    "",
  ].join("\n");
  expect([...parseInstalled(text)]).toEqual(["docker.io", "held"]);
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
