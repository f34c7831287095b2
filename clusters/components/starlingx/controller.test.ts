import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { run } from "../../../lib/command.ts";
import { controllerOf, remoteCommand } from "./controller.ts";
import { systemDouble } from "./double.fixture.ts";

vi.setConfig({ testTimeout: 180_000 });

describe("on this machine", () => {
  test("`system` is run as it is, and its refusal is an environment error with its reason.", async () => {
    const { helm } = await systemDouble();
    const controller = controllerOf({});
    const options = { timeoutMs: 30_000 };
    expect(await controller.system(["application-list", "--nowrap"], options)).toContain("| cert-manager ");
    expect(await controller.files(helm)).toEqual(["istio-24.09-11.tgz"]);
    await expect(controller.system(["application-apply", "istio"], options)).rejects.toThrow(
      "`system application-apply istio` was refused on this machine: Application-apply rejected: application not found.",
    );
    await expect(controller.files(join(helm, "none"))).rejects.toThrow("cannot be read on this machine");
  });

  test("a token takes the place of user and password, which is then for `system` to judge.", async () => {
    await systemDouble();
    for (const name of ["OS_USERNAME", "OS_AUTH_URL"]) vi.stubEnv(name, undefined);
    vi.stubEnv("OS_AUTH_TOKEN", "a-token");
    const answer = controllerOf({}).system(["application-list"], { timeoutMs: 30_000 });
    await expect(answer).rejects.toThrow("You must provide a username");
  });
});

/** The shell that SSH starts on the controller. */
const shell = (command: string) => run("sh", ["-euc", command], { timeoutMs: 30_000, allowFailure: true });

describe("on the controller", () => {
  const openrc = async (text: string) => {
    const double = await systemDouble();
    for (const name of ["OS_USERNAME", "OS_PASSWORD", "OS_PROJECT_NAME", "OS_AUTH_URL", "OS_REGION_NAME"]) {
      vi.stubEnv(name, undefined);
    }
    const file = join(double.folder, "open rc");
    await writeFile(file, text);
    return { double, file };
  };

  test("`system` has the credentials that the file exports, and its arguments as they are.", async () => {
    const { double, file } = await openrc(`
      if [[ "\${1:-}" == "--no_credentials" ]]; then return 1; fi
      unset OS_SERVICE_TOKEN; echo talkative
      export OS_USERNAME=admin OS_PASSWORD=p OS_PROJECT_NAME=admin OS_AUTH_URL=u OS_REGION_NAME=r; return 0`);
    const { stdout, exitCode } = await shell(remoteCommand(file, ["application-list", "--nowrap"]));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\+-.*-\+$/m);
    expect(stdout).not.toContain("talkative");
    await shell(remoteCommand(file, ["application-upload", "/a b/it's $HOME.tgz"]));
    expect((await double.state()).calls).toEqual([
      "application-list --nowrap",
      "application-upload /a b/it's $HOME.tgz",
    ]);
  });

  test("a file that gives no credentials ends the command before `system`, with what it says.", async () => {
    const { double, file } = await openrc(
      "echo 'Openstack Admin credentials can only be loaded from the active controller.'; return 1",
    );
    const { stderr, exitCode } = await shell(remoteCommand(file, ["application-list"]));
    expect({ stderr, exitCode }).toEqual({
      stderr: "Openstack Admin credentials can only be loaded from the active controller.",
      exitCode: 97,
    });
    expect((await double.state()).calls).toEqual([]);
  });

  test("nobody who answers SSH with a known key is an environment error that names the settings to look at.", async () => {
    const access = { user: "sysadmin", identityFile: "/none", knownHostsFile: "/none", openrc: "/etc/platform/openrc" };
    // On a machine that does serve SSH there, its key is not a known one.
    const controller = controllerOf({ controller: { address: "127.0.0.255", ...access } });
    const answer = controller.system(["application-list"], { timeoutMs: 30_000 });
    await expect(answer).rejects.toMatchObject({
      kind: "environment",
      message: "The controller `127.0.0.255` cannot be reached through SSH.",
      hint: expect.stringContaining("identityFile"),
    });
  });
});
