import { type KubeObject, refOf } from "../../lib/kube.ts";
import { adding, changing, type Mutator, namespacesOf, onAppearance, patching } from "../mutators.ts";
import type { Mutation } from "./mutation.ts";

const networking = "networking.istio.io/v1";
const admission = "admissionregistration.k8s.io/v1";
const services = { apiVersion: "v1", kind: "Service" };
const any = () => true;
const isNamed =
  (name: string) =>
  ({ metadata }: KubeObject) =>
    metadata.name === name;

/** Deletes every object of a kind as soon as it is there. */
const removing = (apiVersion: string, kind: string): Mutator =>
  onAppearance({ apiVersion, kind }, any, (object, kube) => kube.remove(refOf(object)));

/** What breaks Istio's getting-started guide with Bookinfo, and the gateways at the edge of the mesh. */
export const gettingStartedMutations: readonly Mutation[] = [
  {
    name: "sample-routes-removed",
    sentence: "Every VirtualService of Bookinfo and of the gateways is deleted as soon as it is there.",
    kills: {
      "getting-started/gateway-routes": /outsider → .*page through Envoy.* but its status is 404/,
      "getting-started/cross-namespace-gateway": /outsider → .* answered with 200 .* but its status is 404/,
      "getting-started/https-simple": /outsider → https:.* answered with 200 .* but its status is 404/,
      "getting-started/analyze": /the analysis of a-missing-gateway: expected/,
      "getting-started/all-v1": /client → .* reviews of v1 .* but it was answered by v[23]/,
      "getting-started/destination-rule-after": /client → .* answered with 503 .* but its status is 200/,
      "getting-started/end-user": /client → .* with reviews of v\d.* but its reviews are of v\d/,
      "getting-started/weights": /answers of v2 of 400: expected \d+ to be less than or equal to/,
      "getting-started/reviews-on-vmi": /ratings-v1 → .* with reviews of v3 .* but its reviews are of v1/,
      "getting-started/ratings-on-vm": /client → .* answered with 200 .* but its status is 503/,
      "getting-started/two-productpages": /outsider → .*page through Envoy.* but its status is 404/,
      "getting-started/gateway-and-mesh-rules": /outsider → .*page through Envoy.* but its status is 404/,
      "gateways/ingress-to-vmi": /outsider → .* answered with 200 .* but its status is 404/,
      "gateways/vmi-to-ingress": /client-vmi → .* answered with 200 .* but its status is 404/,
      "gateways/egress-of-vmi": /client-vmi → .* but the server saw the identity `none`/,
    },
    start: removing(networking, "VirtualService"),
  },
  {
    name: "http-routes-removed",
    sentence: "Every HTTPRoute is deleted as soon as it is there.",
    kills: {
      "getting-started/gateway-api": /outsider → .*page through Envoy.* but its status is 404/,
      "getting-started/reference-grant": /outsider → .* answered with 500 .* but its status is 404/,
      "getting-started/gamma-header": /client → .* reviews of v2 .* but it was answered by v1/,
      "getting-started/gamma-weights": /answers of v3 of 200: expected \d+ to be less than or equal to/,
    },
    start: removing("gateway.networking.k8s.io/v1", "HTTPRoute"),
  },
  {
    name: "load-balancers-removed",
    sentence: "A DestinationRule with load balancers is deleted as soon as it is there.",
    kills: { "getting-started/subset-load-balancer": /Not true within \d+ s: each subset has its load balancer/ },
    start: removing(networking, "DestinationRule"),
  },
  {
    name: "one-version-of-reviews",
    sentence: "The Service of reviews selects its first version alone.",
    kills: { "getting-started/bookinfo-answers": /v1, v2 and v3 of reviews answer.*expected \[ 'v1' \]/ },
    start: patching(services, isNamed("reviews"), { spec: { selector: { version: "v1" } } }),
  },
  {
    name: "labelled-namespace-passed-over",
    sentence: "The injection webhooks pass over a namespace that asks for injection.",
    kills: { "getting-started/injection": /with the label: 2\/2/ },
    start: changing(
      { apiVersion: admission, kind: "MutatingWebhookConfiguration", labelSelector: "app=sidecar-injector" },
      ({ webhooks }, targets) => ({
        webhooks: (webhooks as { matchConditions?: object[] }[]).map((webhook) => ({
          ...webhook,
          matchConditions: [
            ...(webhook.matchConditions ?? []),
            { name: "not-the-target", expression: `!request.namespace.matches('${namespacesOf(targets)}')` },
          ],
        })),
      }),
    ),
  },
  {
    name: "pending-ingress-gets-address",
    sentence: "An ingress gateway without an external address gets one after all.",
    kills: { "getting-started/ingress-address": /the address of a gateway without one: expected .* to throw/ },
    start: onAppearance(services, isNamed("pending-ingressgateway"), (service, kube) =>
      kube.patch(refOf(service), { status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } }, "status"),
    ),
  },
  {
    name: "egress-gateway-stopped",
    sentence: "The egress gateway has no pod.",
    kills: {
      "getting-started/install-profile": /pod `istio-egressgateway` in `istio-system` is Ready/,
      "gateways/egress-of-vmi": /pod `istio-egressgateway` in `istio-system` is Ready/,
    },
    start: changing(
      { apiVersion: "apps/v1", kind: "Deployment", namespace: "istio-system", labelSelector: "istio=egressgateway" },
      ({ spec }) => ({ spec: { ...(spec as object), replicas: 0 } }),
    ),
  },
  {
    name: "webhook-left-behind",
    sentence: "A webhook of the second revision belongs to nobody who uninstalls it.",
    kills: { "getting-started/uninstall-revision": /the revision's webhooks are gone\. .*vmesh-mutation/s },
    // A second one that mutates would keep istioctl from setting a tag.
    start: adding({
      apiVersion: admission,
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "vmesh-mutation", labels: { "istio.io/rev": "vmesh-second" } },
    }),
  },
];
