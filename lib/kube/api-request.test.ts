import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { connect } from "../kube.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { apiRequestOf } from "./api-request.ts";
import { fakeApi } from "./fake-api.ts";
import { journalVariable, readRequests } from "./request-journal.ts";

const apply = "application/apply-patch+yaml";

test.each([
  ["GET /api/v1/namespaces/a/pods/b", { verbs: ["get"], group: "", resource: "pods", namespace: "a", name: "b" }],
  ["GET /api/v1/pods?labelSelector=app", { verbs: ["list"], group: "", resource: "pods" }],
  ["GET /api/v1/namespaces/a/pods?watch=1", { verbs: ["watch"], group: "", resource: "pods", namespace: "a" }],
  ["GET /api/v1/namespaces/a", { verbs: ["get"], group: "", resource: "namespaces", name: "a" }],
  ["PATCH /api/v1/namespaces/a/status", { verbs: ["patch"], group: "", resource: "namespaces/status", name: "a" }],
  ["DELETE /api/v1/namespaces/a", { verbs: ["delete"], group: "", resource: "namespaces", name: "a" }],
  [
    "POST /api/v1/namespaces/a/serviceaccounts/b/token",
    { verbs: ["create"], group: "", resource: "serviceaccounts/token", namespace: "a", name: "b" },
  ],
  [
    "GET /api/v1/namespaces/a/pods/b/exec?command=c",
    { verbs: ["get", "create"], group: "", resource: "pods/exec", namespace: "a", name: "b" },
  ],
  [
    "GET /api/v1/namespaces/a/services/istiod:15014/proxy/version",
    { verbs: ["get"], group: "", resource: "services/proxy", namespace: "a", name: "istiod:15014" },
  ],
  [
    "GET /apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/b/console",
    {
      verbs: ["get"],
      group: "subresources.kubevirt.io",
      resource: "virtualmachineinstances/console",
      namespace: "a",
      name: "b",
    },
  ],
  ["GET /apis/apps/v1/daemonsets", { verbs: ["list"], group: "apps", resource: "daemonsets" }],
  ["GET /readyz", undefined],
  ["GET /version", undefined],
  ["GET /api/v1", undefined],
  ["GET /apis/apps/v1", undefined],
])("To RBAC `%s` is %j.", (line, expected) => {
  const [method = "", path = ""] = line.split(" ");
  expect(apiRequestOf(method, path)).toEqual(expected);
});

test("To apply an object takes the right to create it, too.", () => {
  const path = "/apis/kubevirt.io/v1/namespaces/a/virtualmachines/b?fieldManager=vmesh&force=true";
  expect(apiRequestOf("PATCH", path, apply)?.verbs).toEqual(["patch", "create"]);
  expect(apiRequestOf("PATCH", path, "application/merge-patch+json")?.verbs).toEqual(["patch"]);
});

test("Every request of a client is noted once, exec streams as well, where a journal is asked for.", async () => {
  const api = await fakeApi({ objects: [], exec: () => ({ stdout: "done" }) });
  const kube = connect(api.kubeconfig);
  const journal = join(await temporaryFolder(), "requests.ndjson");
  await kube.raw("/readyz");
  process.env[journalVariable] = journal;
  onTestFinished(() => void delete process.env[journalVariable]);
  const pods = { apiVersion: "v1", kind: "Pod", namespace: "journal" };
  await kube.list(pods);
  await kube.list(pods);
  await kube.exec({ namespace: "journal", pod: "p", container: "c", command: ["true"], timeoutMs: 5_000 });
  expect(readRequests(journal)).toEqual([
    { verbs: ["list"], group: "", resource: "pods", namespace: "journal" },
    { verbs: ["get", "create"], group: "", resource: "pods/exec", namespace: "journal", name: "p" },
  ]);
});
