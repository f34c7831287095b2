import { describe, expect, test } from "vitest";
import { findTarball } from "./tarball.ts";

const folder = "/usr/local/share/application/helm";
const controllerWith = (...names: string[]) => ({ where: "this machine", files: async () => names });

describe("findTarball", () => {
  test.each([
    { name: "the only one", there: ["cert-manager-1.tgz", "istio-1.22-4.tgz"], path: `${folder}/istio-1.22-4.tgz` },
    { name: "the chosen one", there: ["istio-1.tgz", "istio-2.tar.gz"], tarball: "istio-2.tar.gz" },
    { name: "a path, unseen", there: [], tarball: "/opt/istio-9.tgz", path: "/opt/istio-9.tgz" },
  ])("takes $name.", async ({ there, tarball, path = `${folder}/${tarball}` }) => {
    expect(await findTarball(controllerWith(...there), { folder, tarball })).toBe(path);
  });

  test.each([
    {
      name: "none, and lists what is there",
      there: ["istio.tgz", "istio-cni-1.tgz", "vault-1.tgz"],
      message: "`/usr/local/share/application/helm` of this machine has no istio-<version>.tgz.",
      evidence: "istio-cni-1.tgz\nistio.tgz\nvault-1.tgz",
      hint: /name another file by `tarball`/,
    },
    {
      name: "none at all",
      there: [],
      message: "`/usr/local/share/application/helm` of this machine has no istio-<version>.tgz.",
      evidence: "the folder is empty",
      hint: /by `folder`/,
    },
    {
      name: "several, and does not guess the newest",
      there: ["istio-1.22-4.tgz", "istio-1.19-9.tgz"],
      message: "`/usr/local/share/application/helm` of this machine has 2 tarballs of Istio, expected one.",
      evidence: "istio-1.19-9.tgz\nistio-1.22-4.tgz",
      hint: /choose one: `tarball: istio-1.19-9.tgz`/,
    },
    {
      name: "not the chosen one",
      there: ["istio-1.22-4.tgz"],
      tarball: "istio-1.tgz",
      message: "`/usr/local/share/application/helm` of this machine has no `istio-1.tgz`.",
      evidence: "istio-1.22-4.tgz",
      hint: /name another file/,
    },
  ])("finds $name.", async ({ there, tarball, message, evidence, hint }) => {
    const finding = findTarball(controllerWith(...there), { folder, tarball });
    await expect(finding).rejects.toMatchObject({ kind: "environment", message, evidence });
    await expect(finding).rejects.toHaveProperty("hint", expect.stringMatching(hint));
  });
});
