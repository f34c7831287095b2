import { parse, stringify } from "yaml";
import { namespacePrefix } from "../../lib/fixtures/scene.ts";
import { type KubeObject, refOf } from "../../lib/kube.ts";
import { cniAttachment } from "../../lib/mesh.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import { accompanying, adding, changing, namespacesOf, onAppearance, patching } from "../mutators.ts";
import type { Mutation } from "./mutation.ts";
import { plaintextClients } from "./plaintext.ts";
import { rejectedRoutes } from "./rejected-routes.ts";

const launchers = { apiVersion: "v1", kind: "Pod", labelSelector: "kubevirt.io=virt-launcher" };
const services = { apiVersion: "v1", kind: "Service" };
const injectors = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "MutatingWebhookConfiguration",
  labelSelector: "app=sidecar-injector",
};
const meshConfigs = {
  apiVersion: "v1",
  kind: "ConfigMap",
  namespace: "istio-system",
  labelSelector: "operator.istio.io/component=Pilot",
};
const every = () => true;
const isNamed =
  (name: string) =>
  ({ metadata }: KubeObject) =>
    metadata.name === name;

type Webhook = { name: string; matchConditions?: object[] };

/** What breaks a VMI's way into the mesh. */
export const enrolmentMutations: readonly Mutation[] = [
  {
    name: "launcher-without-proxy",
    sentence: "The injection webhooks pass over the launchers of VMIs.",
    kills: {
      "enrolment/annotated-vmi": /the launcher has a proxy/,
      "enrolment/unlabelled-namespace": /the launcher has a proxy/,
      "enrolment/unannotated-vmi": /the launcher has a proxy/,
      "enrolment/missing-nad": /the injected pod asks for Istio's network/,
    },
    start: changing(injectors, ({ webhooks }, targets) => ({
      webhooks: (webhooks as Webhook[]).map((webhook) => ({
        ...webhook,
        matchConditions: [
          ...(webhook.matchConditions ?? []),
          {
            name: "no-launcher",
            expression:
              `!request.namespace.matches('${namespacesOf(targets)}') || ` +
              "object.metadata.?labels['kubevirt.io'].orValue('') != 'virt-launcher'",
          },
        ],
      })),
    })),
  },
  {
    name: "excluded-namespace-injected",
    sentence: "The injection webhooks take up namespaces that are labelled as disabled.",
    kills: { "enrolment/excluded-namespace": /the launcher has no proxy/ },
    start: changing(injectors, ({ webhooks }, targets) => ({
      webhooks: [
        ...(webhooks as Webhook[]),
        {
          ...(webhooks as Webhook[])[0],
          name: "mutation.vmesh.dev",
          namespaceSelector: { matchLabels: { "istio-injection": "disabled" } },
          objectSelector: {},
          matchConditions: [{ name: "target", expression: `request.namespace.matches('${namespacesOf(targets)}')` }],
        },
      ],
    })),
  },
  {
    name: "launcher-label-removed",
    sentence: "The launchers lose the label that KubeVirt copied from the annotation.",
    kills: {
      "enrolment/annotated-vmi": /KubeVirt copies the annotation to a label of the pod/,
      "enrolment/opted-out-vmi": /KubeVirt copies the refusal to a label of the pod/,
    },
    start: patching(launchers, every, { metadata: { labels: { "sidecar.istio.io/inject": null } } }),
  },
  {
    name: "reroute-annotation-removed",
    sentence: "The launchers lose the annotation that names the bridge to recent versions of Istio.",
    kills: { "enrolment/reroute-annotations": /Istio's CNI plugin reads the bridge here/ },
    start: patching(launchers, every, { metadata: { annotations: { "istio.io/reroute-virtual-interfaces": null } } }),
  },
  {
    name: "bridge-vmi-rerouted",
    sentence: "The launcher of a VMI with the bridge binding names a bridge to Istio.",
    kills: { "enrolment/reroute-annotations": /annotations that name a bridge/ },
    start: patching(launchers, ({ metadata }) => metadata.labels?.["vm.kubevirt.io/name"] === "bridge-vmi", {
      metadata: { annotations: { "istio.io/reroute-virtual-interfaces": "k6t-eth0" } },
    }),
  },
  {
    name: "attachment-back-at-once",
    sentence: "Somebody puts Istio's NetworkAttachmentDefinition back as soon as it is removed.",
    kills: { "enrolment/missing-nad": /an event about `virt-launcher-.* matches .*Multus.* its warnings are/ },
    start: onAppearance(
      { apiVersion: "v1", kind: "Namespace" },
      ({ metadata }) => metadata.name.startsWith(namespacePrefix("enrolment/missing-nad")),
      async (_, kube) => {
        const attachment = cniAttachment("default");
        const options = { what: "the check removes the definition", budgetMs: timeouts.configPropagation };
        await eventually({ ...options, intervalMs: 100 }, async () => {
          if (await kube.get(refOf(attachment))) throw new Error("it is there");
        });
        await kube.apply([attachment]);
      },
    ),
  },
  {
    name: "vmi-without-identity",
    sentence: "The proxy of a VMI speaks plaintext to every Service.",
    kills: { "enrolment/without-service": /istio-vmi → .* but the server saw the identity `none`/ },
    start: accompanying(services, every, plaintextClients),
  },
  {
    name: "routes-rejected",
    sentence: "The routes that istiod sends are rejected by Envoy.",
    kills: { "enrolment/proxy-synced": /proxy-status shows .*RDS (?!SYNCED)/ },
    start: accompanying({ apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance" }, every, rejectedRoutes),
  },
  {
    name: "unready-endpoint-published",
    sentence: "A Service keeps endpoints whose readiness probe fails.",
    kills: { "enrolment/readiness-probe": /as no endpoint is Ready.* but its body .* connection failure/ },
    start: patching(services, isNamed("istio-vmi"), { spec: { publishNotReadyAddresses: true } }),
  },
  {
    // For the whole mesh, as it must be there before the first VMI; nothing else looks at the time.
    name: "short-lived-certificates",
    sentence: "Proxies ask for certificates of one hour.",
    kills: { "enrolment/workload-certificate": /how many hours it is valid/ },
    start: adding({
      apiVersion: "networking.istio.io/v1beta1",
      kind: "ProxyConfig",
      metadata: { name: "vmesh-mutation", namespace: "istio-system" },
      spec: { environmentVariables: { SECRET_TTL: "1h" } },
    }),
  },
  {
    // For the whole mesh, as it must be there before the first pod; it tells on proxies that are no native sidecars, and
    // no other check has one.
    name: "applications-held-for-their-proxy",
    sentence: "Istio starts a proxy that is no native sidecar before the application.",
    kills: { "enrolment/creation-order": /the application first, then its proxy/ },
    start: changing(meshConfigs, ({ data }) => {
      const { mesh, ...rest } = data as Record<string, string>;
      if (mesh === undefined) return {};
      const config = parse(mesh) as { defaultConfig?: object };
      const defaultConfig = { ...config.defaultConfig, holdApplicationUntilProxyStarts: true };
      return { data: { ...rest, mesh: stringify({ ...config, defaultConfig }) } };
    }),
  },
];
