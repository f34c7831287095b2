import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { rulesFor } from "../clusters/rights/access.ts";
import { loadCatalog } from "../lib/catalog.ts";
import { rbacObjects, rbacYaml } from "./rbac-manifest.ts";
import { accessNeeds } from "./rbac.ts";

const account = { namespace: "team", name: "tester" };

test("The rights are given to one ServiceAccount, those for one namespace by a Role there.", () => {
  const objects = rbacObjects(
    [
      { group: "", resource: "pods", verbs: ["get"], why: "peers" },
      { group: "", resource: "pods", verbs: ["list"], why: "evidence" },
      { group: "", resource: "configmaps", verbs: ["get"], names: ["root"], why: "root" },
      { group: "", resource: "configmaps", verbs: ["get"], namespace: "istio-system", why: "mesh" },
    ],
    account,
  );
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`)).toEqual([
    "Namespace /team",
    "ServiceAccount team/tester",
    "ClusterRole /tester",
    "ClusterRoleBinding /tester",
    "Role istio-system/tester",
    "RoleBinding istio-system/tester",
  ]);
  expect(objects[2]?.["rules"]).toEqual([
    { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] },
    { apiGroups: [""], resources: ["configmaps"], verbs: ["get"], resourceNames: ["root"] },
  ]);
  expect(objects[3]).toMatchObject({
    roleRef: { kind: "ClusterRole", name: "tester" },
    subjects: [{ kind: "ServiceAccount", name: "tester", namespace: "team" }],
  });
});

test("As YAML it is the same, with what each rule is for.", () => {
  const rules = rulesFor();
  const text = rbacYaml(rules, account);
  expect(parseAllDocuments(text).map((document) => document.toJS())).toEqual(rbacObjects(rules, account));
  expect(text).toContain("  # peers, probes, launchers, istiod\n  - apiGroups:");
});

test("What selected checks need is in the YAML beside them, and in their needs.", async () => {
  const catalog = await loadCatalog();
  const needsOf = (id: string) => accessNeeds(catalog.filter((check) => check.id === id));
  const needs = await needsOf("vm-onboarding/files");
  expect(needs.kinds).toContain("WorkloadGroup.networking.istio.io");
  expect(needs.needs).toContain("external-vm");
  expect((await needsOf("scenarios/vmi-through-service")).kinds).not.toContain("WorkloadGroup.networking.istio.io");
  // Bookinfo's objects are beside no check.
  expect((await needsOf("getting-started/weights")).kinds).toContain("Deployment.apps");
  expect((await needsOf("getting-started/https-simple")).kinds).toContain("Secret");
  // The whole catalog is read.
}, 60_000);

test("Every kind in the YAML of checks is found.", async () => {
  const catalog = await loadCatalog();
  const { kinds } = await accessNeeds(catalog);
  const texts = await Promise.all(catalog.map(({ file }) => readFile(file.replace(/\.test\.ts$/, ".yaml"), "utf8")));
  const objects = texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS()));
  const named = objects.filter(Boolean).map(({ kind }) => kind as string);
  expect([...new Set([...(kinds ?? [])].map((kind) => kind.split(".")[0]))].toSorted()).toEqual(
    [...new Set([...named, "Deployment"])].toSorted(),
  );
}, 60_000);
