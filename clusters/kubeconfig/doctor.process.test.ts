import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { examine } from "./doctor.ts";
import { images } from "./scene.fixture.ts";

test("A server that does not answer is told with what starts such a cluster.", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "kubeconfig");
  const config = {
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "u", user: {} }],
    contexts: [{ name: "minikube", context: { cluster: "c", user: "u" } }],
    "current-context": "minikube",
  };
  await writeFile(path, JSON.stringify(config));
  const found = await examine({ nodes: 1, settings: { kubeconfig: path, images }, cacheDir: folder, offline: true });
  expect(found).toContainEqual(
    expect.objectContaining({ name: "API server", level: "missing", mend: "`minikube start`" }),
  );
});
