import { parse } from "yaml";
import { expect, test } from "vitest";
import { atAddress } from "./kubeconfig.ts";

test("The server's address takes the place of 127.0.0.1, and all else stays.", () => {
  const cluster = { server: "https://127.0.0.1:6443", "certificate-authority-data": "YQ==" };
  const config = { apiVersion: "v1", kind: "Config", clusters: [{ name: "default", cluster }], users: [] };
  expect(parse(atAddress(JSON.stringify(config), "192.168.64.2"))).toEqual({
    ...config,
    clusters: [{ name: "default", cluster: { ...cluster, server: "https://192.168.64.2:6443" } }],
  });
});

test.each(["", "cat: /etc/rancher/k3s/k3s.yaml: No such file or directory", "clusters: []"])(
  "What is no kubeconfig is an environment error: %j.",
  (text) => {
    expect(() => atAddress(text, "192.168.64.2")).toThrow(expect.objectContaining({ kind: "environment" }));
  },
);
