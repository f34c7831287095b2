import { expect, test } from "vitest";
import type { Kube } from "../../lib/kube.ts";
import type { ClusterAccess } from "../provider.ts";
import { whyNoTracing } from "./tracing-provider.ts";

function why(mesh: string | undefined, serves = true) {
  const asked: string[] = [];
  const kube = {
    serves: async () => serves,
    get: async ({ name }) => {
      asked.push(name);
      return mesh === undefined
        ? undefined
        : { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { mesh } };
    },
  } satisfies Partial<Kube> as unknown as Kube;
  return {
    asked,
    reason: whyNoTracing({ kube, access: { versions: { istio: "1.31.1" } } as unknown as ClusterAccess }),
  };
}

test("A mesh with the provider `jaeger` can be told to send spans; its configuration is that of the revision.", async () => {
  const { reason, asked } = why(
    "extensionProviders:\n- name: otel\n- name: jaeger\n  zipkin: {service: z, port: 9411}\n",
  );
  expect(await reason).toBeUndefined();
  expect(asked).toEqual(["istio-1-31-1"]);
});

test.each([
  ["extensionProviders: [{name: otel}, {name: prometheus}]", "it has: otel, prometheus"],
  ["accessLogFile: /dev/stdout", "it has: none"],
  ["", "it has: none"],
  [undefined, "it has: none"],
])("Another mesh cannot, and the reason names what it has: %s", async (mesh, words) => {
  expect(await why(mesh).reason).toBe(`the mesh's configuration has no extension provider \`jaeger\`, ${words}`);
});

test("Neither can an Istio of before Telemetry.", async () => {
  expect(await why(undefined, false).reason).toMatch(/does not serve Telemetry/);
});

test("What is no mesh configuration is an error.", async () => {
  await expect(why("extensionProviders: jaeger").reason).rejects.toMatchObject({ kind: "environment" });
});
