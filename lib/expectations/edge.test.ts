import { expect, test } from "vitest";
import type { Exchange } from "../traffic.ts";
import { noRouteAtGateway, referenceNotGranted, unknownSubset, withoutCertificate } from "./edge.ts";

const answer = (status: number, body = "", server = "istio-envoy"): Exchange => ({
  outcome: "answered",
  status,
  headers: { server: [server] },
  body,
  ms: 1,
});
const closed: Exchange = { outcome: "closed", error: "EOF", ms: 1 };

test.each([
  [noRouteAtGateway(), answer(404)],
  [unknownSubset(), answer(503)],
  [referenceNotGranted(), answer(500)],
  [withoutCertificate(), closed],
])("Each refusal is told by its mark, %#.", (expectation, exchange) => {
  expect(expectation.judge(exchange)).toBeUndefined();
});

test.each([
  [noRouteAtGateway(), answer(404, "404 page not found\n"), "its body does not match `/^$/`"],
  [noRouteAtGateway(), answer(404, "", "WEBrick"), "its server header is `WEBrick`"],
  [unknownSubset(), answer(503, "no healthy upstream"), "its body does not match `/^$/`"],
  [referenceNotGranted(), answer(404), "its status is 404"],
  [withoutCertificate(), answer(200), "it ended as `answered`"],
  [withoutCertificate(), { outcome: "refused", error: "", ms: 1 } as const, "it ended as `refused`"],
])("Another end is none of them, %#.", (expectation, exchange, wrong) => {
  expect(expectation.judge(exchange)).toBe(wrong);
});
