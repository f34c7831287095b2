import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { stringify } from "yaml";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { flatten, isKubeconfig, kubeconfigPaths } from "./kubeconfig-file.ts";

const kind = {
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "kind-a", cluster: { server: "https://127.0.0.1:6443", "certificate-authority": "pki/ca.crt" } }],
  users: [
    { name: "kind-a", user: { "client-certificate": "pki/ca.crt", "client-key-data": "a2V5", tokenFile: "token" } },
  ],
  contexts: [{ name: "kind-a", context: { cluster: "kind-a", user: "kind-a", namespace: "mine" } }],
  "current-context": "kind-a",
};
const cloud = {
  clusters: [{ name: "cloud", cluster: { server: "https://api.example" } }],
  users: [{ name: "me", user: { exec: { command: "bin/login", apiVersion: "client.authentication.k8s.io/v1" } } }],
  contexts: [{ name: "cloud", context: { cluster: "cloud", user: "me" } }],
  "current-context": "cloud",
};

async function files() {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "pki"));
  await writeFile(join(folder, "pki/ca.crt"), "certificate");
  const paths = [join(folder, "kind"), join(folder, "cloud")];
  await writeFile(join(folder, "kind"), stringify(kind));
  await writeFile(join(folder, "cloud"), stringify(cloud));
  return { folder, paths };
}

test("The current context becomes a file by itself, certificates inside and paths whole.", async () => {
  const { folder, paths } = await files();
  expect(await flatten(paths)).toEqual({
    context: "kind-a",
    server: "https://127.0.0.1:6443",
    config: {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "cluster",
          cluster: { server: "https://127.0.0.1:6443", "certificate-authority-data": "Y2VydGlmaWNhdGU=" },
        },
      ],
      users: [
        {
          name: "user",
          user: {
            "client-certificate-data": "Y2VydGlmaWNhdGU=",
            "client-key-data": "a2V5",
            tokenFile: join(folder, "token"),
          },
        },
      ],
      contexts: [{ name: "kind-a", context: { cluster: "cluster", user: "user" } }],
      "current-context": "kind-a",
    },
  });
});

test("Another context may be named, of a further file, and whom its user speaks for.", async () => {
  const { folder, paths } = await files();
  const as = "system:serviceaccount:vmesh:vmesh";
  const { server, config } = await flatten(paths, { context: "cloud", as });
  expect(server).toBe("https://api.example");
  expect(config).toMatchObject({ users: [{ user: { exec: { command: join(folder, "bin/login") }, as } }] });
});

test.each([
  ["a context that is not there", { context: "kind-b" }, /no context `kind-b`, it has: kind-a, cloud\./],
  ["a file that is not there", { missing: true }, /`.*nowhere` cannot be read/],
])("An error names %s.", async (_, { context, missing }: { context?: string; missing?: boolean }, message) => {
  const { folder, paths } = await files();
  const failing = flatten(missing ? [join(folder, "nowhere")] : paths, { context });
  await expect(failing).rejects.toMatchObject({ kind: "environment", message: expect.stringMatching(message) });
});

test("A file that holds something else is no kubeconfig.", async () => {
  const { folder } = await files();
  await writeFile(join(folder, "other"), "kind: Pod\n");
  await expect(flatten([join(folder, "other")])).rejects.toThrow("other` is no kubeconfig");
  expect([stringify(kind), stringify(cloud), '{"clusterId": "c", "nodes": []}', "plain", ""].map(isKubeconfig)).toEqual(
    [true, true, false, false, false],
  );
});

test("The setting comes before $KUBECONFIG, which may name several files, and that before the home folder.", () => {
  const before = process.env["KUBECONFIG"];
  onTestFinished(() => {
    if (before === undefined) delete process.env["KUBECONFIG"];
    else process.env["KUBECONFIG"] = before;
  });
  process.env["KUBECONFIG"] = "/a/one:/a/two";
  expect(kubeconfigPaths("/b/three")).toEqual(["/b/three"]);
  expect(kubeconfigPaths()).toEqual(["/a/one", "/a/two"]);
  delete process.env["KUBECONFIG"];
  expect(kubeconfigPaths()).toEqual([expect.stringMatching(/\/\.kube\/config$/)]);
});
