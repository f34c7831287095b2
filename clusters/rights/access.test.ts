import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { shownGuest, shownKinds, shownPod } from "../../lib/diagnostics/shown-fields.ts";
import { apiRequestOf } from "../../lib/kube/api-request.ts";
import { accessRules } from "./access-rules.ts";
import { isUsedBy, kindName, refusedVerbs, rulesFor } from "./access.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const nothing = { kinds: new Set<string>(), needs: new Set<never>() };

/** A kind's URL, as far as this table needs it: the plural of every kind in use is regular, or in `-y`. */
function collection(apiVersion: string, kind: string, namespace: string): string {
  const plurals: Record<string, string> = { NetworkAttachmentDefinition: "network-attachment-definitions" };
  const lower = kind.toLowerCase();
  const plural = plurals[kind] ?? (/[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`);
  return `/${apiVersion.includes("/") ? "apis" : "api"}/${apiVersion}/namespaces/${namespace}/${plural}`;
}

function request(method: string, path: string, contentType?: string) {
  const seen = apiRequestOf(method, path, contentType);
  if (!seen) throw new TypeError(`\`${path}\` is no resource.`);
  return seen;
}

describe("The rights of a run", () => {
  const applied = globSync("suites/**/*.yaml", { cwd: root })
    .filter((path) => !path.endsWith("rows.yaml"))
    .flatMap((path) => parseAllDocuments(readFileSync(`${root}${path}`, "utf8")).map((document) => document.toJS()))
    .filter((object): object is { apiVersion: string; kind: string } => object !== null);
  const nameOf = ({ apiVersion, kind }: (typeof applied)[number]) =>
    kindName(apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "", kind);
  const kinds = [...new Map(applied.map((one) => [nameOf(one), one] as const))];

  test.each(kinds)("are enough to apply a %s of a check and to remove it.", (name, { apiVersion, kind }) => {
    // A Secret is the ingress gateway's, and whether it is gone is not looked at.
    const isSecret = kind === "Secret";
    const path = `${collection(apiVersion, kind, isSecret ? "istio-system" : "vmesh-check")}/one`;
    const rules = rulesFor({ kinds: new Set([name]), needs: new Set() });
    const asked = [
      request("PATCH", path, "application/apply-patch+yaml"),
      ...(isSecret ? [] : [request("GET", path)]),
      request("DELETE", path),
    ];
    expect(asked.flatMap((one) => refusedVerbs(one, rules))).toEqual([]);
  });

  const shown = [shownPod, shownGuest, ...shownKinds].map(({ apiVersion, kind }) => ({ apiVersion, kind }));
  test.each(shown)("are enough for evidence of $kind.", ({ apiVersion, kind }) => {
    expect(refusedVerbs(request("GET", collection(apiVersion, kind, "a")), rulesFor(nothing))).toEqual([]);
  });

  test("say of each what it is for, and let nobody change roles.", () => {
    for (const { why } of accessRules) expect(why).toMatch(/\S/);
    const words = accessRules.flatMap(({ group, resource, verbs }) => [group, resource, ...verbs]);
    expect(words.filter((word) => /role|\*|escalate|bind|impersonate/.test(word))).toEqual([]);
  });

  test("let Secrets be written for the ingress gateway alone, and read for StarlingX alone.", () => {
    const ofSecrets = (rules: typeof accessRules) => rules.filter(({ resource }) => resource === "secrets");
    expect(ofSecrets(rulesFor(nothing))).toEqual([]);
    const written = ofSecrets(rulesFor());
    expect(written.map(({ namespace, verbs }) => [namespace, ...verbs])).toEqual([
      ["istio-system", "create", "patch", "delete"],
    ]);
    const login = [
      request("GET", "/api/v1/namespaces/istio-system/secrets/kiali-token-x7k2p"),
      request("POST", "/api/v1/namespaces/istio-system/serviceaccounts/kiali/token"),
    ];
    const refused = (rules: typeof accessRules) => login.flatMap((one) => refusedVerbs(one, rules));
    expect(refused(rulesFor(nothing))).toEqual(["get", "create"]);
    expect(refused(rulesFor({ ...nothing, starlingx: true }))).toEqual([]);
  });

  test("are those of the group of a kind where two groups have one of its name.", () => {
    const apply = (group: string) =>
      request("PATCH", `/apis/${group}/v1/namespaces/a/gateways/one`, "application/apply-patch+yaml");
    const groups = ["networking.istio.io", "gateway.networking.k8s.io"];
    for (const group of groups) {
      const rules = rulesFor({ ...nothing, kinds: new Set([`Gateway.${group}`]) });
      expect(groups.filter((one) => refusedVerbs(apply(one), rules).length === 0)).toEqual([group]);
    }
  });

  test("are fewer for checks that apply less.", () => {
    const path = "/apis/networking.istio.io/v1/namespaces/a/sidecars/one";
    const apply = request("PATCH", path, "application/apply-patch+yaml");
    expect(refusedVerbs(apply, rulesFor(nothing))).toEqual(["patch", "create"]);
    expect(refusedVerbs(apply, rulesFor())).toEqual([]);
    const token = request("POST", "/api/v1/namespaces/a/serviceaccounts/one/token");
    expect(refusedVerbs(token, rulesFor(nothing))).toEqual(["create"]);
    expect(refusedVerbs(token, rulesFor({ ...nothing, needs: new Set(["external-vm"]) }))).toEqual([]);
  });
});

test.each([
  ["another namespace than the rule's", "GET /api/v1/namespaces/default/services/istiod:15014/proxy/version", ["get"]],
  ["the rule's namespace", "GET /api/v1/namespaces/istio-system/services/istiod:15014/proxy/version", []],
  ["an object by its name", "GET /api/v1/namespaces/a/configmaps/istio-ca-root-cert", []],
  ["an object of another name", "GET /api/v1/namespaces/a/configmaps/other", ["get"]],
  ["a list of what is named", "GET /api/v1/namespaces/a/configmaps", ["list"]],
  ["Secrets", "GET /api/v1/namespaces/istio-system/secrets", ["list"]],
  ["a Secret of another namespace", "GET /api/v1/namespaces/a/secrets/one", ["get"]],
  ["the definitions of kinds", "GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions", ["list"]],
  ["one's own rights", "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews", []],
])("Of %s this is refused: %s.", (_, line, refused) => {
  const [method = "", path = ""] = line.split(" ");
  expect(refusedVerbs(request(method, path), accessRules)).toEqual(refused);
});

test("A rule is used by a request that it grants a verb of, and by no other.", () => {
  const [rule] = accessRules.filter(({ resource }) => resource === "pods/exec");
  if (!rule) return expect.unreachable("there is no such rule");
  expect(isUsedBy(rule, request("GET", "/api/v1/namespaces/a/pods/b/exec"))).toBe(true);
  expect(isUsedBy(rule, request("GET", "/api/v1/namespaces/a/pods/b"))).toBe(false);
});
