import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { pushImage } from "../upstream/push-image.ts";
import { emptyRegistry, imageLayout, inFrontOf, noRegistry } from "../upstream/upstream.fixture.ts";
import { loadVersionSet, parseVersionSet } from "../version-set.ts";
import { imageNames } from "./image-table.ts";
import { demandInCache, obtainUpstream, takenOf } from "./upstream.ts";

const { signal } = new AbortController();
const log = createLog({ write: () => {} });

test.each([
  ["lab", ["istio", "kubevirt"]],
  ["current", ["istio", "kubevirt"]],
  ["2021-blog", ["istio", "kubevirt"]],
  // Neither has KubeVirt, which is built then.
  ["2023-istio-vms", ["istio"]],
  ["2024-getting-started", ["istio"]],
])("Of the set %s the lab takes %j as released.", async (name, families) => {
  const taken = takenOf(await loadVersionSet(name));
  expect(taken.families).toEqual(families);
  const own = imageNames.filter((image) => families.some((family) => image.startsWith(`${family}/`)));
  expect(taken.images).toEqual(own);
});

test("A family of which a set lacks an image is built as a whole.", async () => {
  const set = await loadVersionSet("lab");
  const { "istio/install-cni": _, ...images } = set.images;
  expect(takenOf({ ...set, images }).families).toEqual(["kubevirt"]);
});

test("Where nothing may be fetched, everything that lacks is told at once.", async () => {
  const cacheDir = join(await temporaryFolder(), "cache");
  const set = await loadVersionSet("lab");
  const { files, images } = takenOf(set);
  await expect(demandInCache(set, { cacheDir })).rejects.toMatchObject({
    kind: "environment",
    message: "Nothing may be fetched, and the cache lacks 10 things of version set `lab`.",
    evidence: expect.stringMatching(new RegExp([...files, ...images].join("[^]*"))),
    hint: expect.stringContaining("scripts/vmesh artifacts --set lab --fetch"),
  });
  await expect(obtainUpstream(set, { cacheDir, offline: true, log, signal })).rejects.toThrow("10 things");
});

describe.skipIf(noRegistry)(
  `from a mirror${noRegistry ? ` (skipped: ${noRegistry})` : ""}`,
  { timeout: 60_000 },
  () => {
    test("Images, istioctl and KubeVirt's manifest come, for the lab's registry and by their own tags.", async () => {
      const set = parseVersionSet(
        "of-a-test",
        [
          "summary: x",
          "versions: { istio: 1.31.1, kubevirt: v1.7.0 }",
          "images:",
          ...imageNames
            .filter((name) => /^(istio|kubevirt)\//.test(name))
            .map((name) => `  ${name}: 'quay.io/${name}:\${${name.split("/")[0]}}'`),
          "files:",
          "  istioctl: { url: 'https://a.example/istioctl', executable: true }",
          "  kubevirt-operator.yaml: { url: 'https://a.example/operator.yaml' }",
        ].join("\n"),
      );
      const registry = await emptyRegistry();
      for (const [name, reference] of Object.entries(set.images)) {
        const { folder } = await imageLayout(name);
        await pushImage(folder, reference.replace("quay.io", registry), { signal, plain: true });
      }
      const files: Record<string, string> = {
        "/istioctl": "#!/bin/sh\n",
        "/operator.yaml": "image: quay.io/kubevirt/virt-operator:v1.7.0\n",
      };
      const mirror = await inFrontOf(`http://${registry}`, ({ url = "" }, response) => {
        const text = files[url];
        if (text === undefined) return false;
        response.end(text);
        return true;
      });
      const options = { cacheDir: join(await temporaryFolder(), "cache"), mirror, log, signal };
      const parts = await obtainUpstream(set, options);
      expect(parts.versions).toEqual({ istio: "1.31.1", kubevirt: "v1.7.0" });
      expect(parts.images["istio/pilot"]?.reference).toBe("registry.vmesh.lab:5000/istio/pilot:1.31.1");
      expect(parts.images["kubevirt/virt-launcher"]?.reference).toBe(
        "registry.vmesh.lab:5000/kubevirt/virt-launcher:v1.7.0",
      );
      expect(basename(parts.istioctl ?? "")).toBe("istioctl");
      expect(await readFile(parts.kubevirtOperator ?? "", "utf8")).toBe(
        "image: registry.vmesh.lab:5000/kubevirt/virt-operator:v1.7.0\n",
      );
      expect(await obtainUpstream(set, { ...options, offline: true })).toEqual(parts);
    });
  },
);
