import { expect, test } from "vitest";
import { certificateLines, clusterLines, listenerLines, statLines, statsFilter } from "./envoy-pages.ts";

const key =
  "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----\n";

test("Of the clusters each endpoint is a line with its health and what is not 0.", () => {
  const page = [
    "outbound|8080||server.a.svc.cluster.local::observability_name::outbound|8080||server.a.svc.cluster.local;",
    "outbound|8080||server.a.svc.cluster.local::default_priority::max_connections::4294967295",
    "outbound|8080||server.a.svc.cluster.local::10.1.0.7:8080::cx_active::1",
    "outbound|8080||server.a.svc.cluster.local::10.1.0.7:8080::cx_connect_fail::0",
    "outbound|8080||server.a.svc.cluster.local::10.1.0.7:8080::rq_total::12",
    "outbound|8080||server.a.svc.cluster.local::10.1.0.7:8080::hostname::secret-name",
    "outbound|8080||server.a.svc.cluster.local::10.1.0.7:8080::health_flags::/failed_eds_health",
    "outbound|80|v1|v6.a.svc::[2001:db8::7]:80::health_flags::healthy",
    "xds-grpc::./etc/istio/proxy/XDS::cx_total::1",
    key,
  ].join("\n");
  expect(clusterLines(page)).toEqual([
    "outbound|8080||server.a.svc.cluster.local 10.1.0.7:8080 /failed_eds_health cx_active=1 rq_total=12",
    "outbound|80|v1|v6.a.svc [2001:db8::7]:80 healthy",
    "xds-grpc ./etc/istio/proxy/XDS cx_total=1",
  ]);
});

test("Of the listeners there are names and addresses.", () => {
  const lines = ["virtualInbound::0.0.0.0:15006", "10.96.0.1_443::10.96.0.1:443", "v6::[::1]:80"];
  expect(listenerLines(`${lines.join("\n")}\n${key}`)).toEqual(lines);
});

test("Of the statistics there are figures that are not 0.", () => {
  const lines = [
    "cluster.outbound|8080||server.a.svc.cluster.local;.upstream_cx_connect_fail: 3",
    "http.inbound_0.0.0.0_8080;.rbac.denied: 1",
  ];
  const page = `${lines.join("\n")}\nlistener_manager.x: 0\na.histogram: P0(1,2) P25(3,4)\n${key}`;
  expect(statLines(page)).toEqual(lines);
});

test.for([
  ["cluster.x.upstream_cx_connect_fail", true],
  ["cluster.x.upstream_rq_503", true],
  ["http.x.downstream_rq_total", true],
  ["http.x.rbac.allowed", true],
  ["listener.x.ssl.fail_verify_san", true],
  ["control_plane.connected_state", true],
  ["cluster.x.lb_healthy_panic", false],
  ["server.memory_allocated", false],
] as const)("That the statistic %s is asked for is %s.", ([name, expected]) => {
  expect(new RegExp(statsFilter).test(name)).toBe(expected);
});

test("Of certificates only what is public is shown.", () => {
  const from = { valid_from: "2026-01-01T00:00:00Z", expiration_time: "2026-01-02T00:00:00Z" };
  const page = {
    certificates: [
      {
        ca_cert: [{ path: "<inline>", serial_number: "1a", ...from }],
        cert_chain: [
          {
            serial_number: "2b",
            subject_alt_names: [{ uri: "spiffe://cluster.local/ns/a/sa/b" }],
            private_key: key,
            ...from,
          },
        ],
      },
    ],
  };
  expect(certificateLines(JSON.stringify(page))).toEqual([
    "own spiffe://cluster.local/ns/a/sa/b from 2026-01-01T00:00:00Z to 2026-01-02T00:00:00Z, number 2b",
    "trusted no name from 2026-01-01T00:00:00Z to 2026-01-02T00:00:00Z, number 1a",
  ]);
});

test("A page that is not of the known form is an error.", () => {
  expect(() => certificateLines('{"certificates": [{"cert_chain": [{}]}]}')).toThrow("serial_number");
});
