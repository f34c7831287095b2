import { expect, test } from "vitest";
import { curlCommand, exchangeOfCurl } from "./curl.ts";

const ended = (stdout: string, exitCode = 0, stderr = "") => exchangeOfCurl({ stdout, stderr, exitCode }, 5);

test("A request is one line of curl with its headers and whole seconds.", () => {
  const request = { url: "http://productpage:9080/productpage", headers: { "end-user": "jason" }, timeoutMs: 1_500 };
  expect(curlCommand(request, 1)).toEqual([
    "curl",
    "-sS",
    "-i",
    "-m",
    "2",
    "-H",
    "end-user: jason",
    "http://productpage:9080/productpage",
  ]);
});

test.each([{ url: "tcp://a:1" }, { url: "http://a", http2: true }, { url: "http://a", data: "a=b" }])(
  "What is no plain GET is a usage error: %j.",
  (request) => {
    expect(() => curlCommand(request, 1)).toThrow("sends plain GETs alone");
  },
);

test("An answer has its status, its headers in lower case and its body.", () => {
  expect(ended("HTTP/1.1 404 Not Found\r\nServer: envoy\r\nX-One: 1\r\nx-one: 2: 3\r\n\r\nno\r\n\r\nroute")).toEqual({
    outcome: "answered",
    status: 404,
    headers: { server: ["envoy"], "x-one": ["1", "2: 3"] },
    body: "no\r\n\r\nroute",
    ms: 5,
  });
});

test.each([
  [6, "dns"],
  [7, "refused"],
  [28, "timeout"],
  [52, "closed"],
  [56, "reset"],
  [3, "error"],
])("Exit code %i is `%s`.", (code, outcome) => {
  expect(ended("", code, `curl: (${code}) why\n`)).toEqual({ outcome, error: `curl: (${code}) why`, ms: 5 });
});

test("What is no answer of HTTP is an error that shows it.", () => {
  expect(ended("<html>")).toMatchObject({ outcome: "error", error: "unreadable answer: <html>" });
});
