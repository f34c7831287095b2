import { expect, test } from "vitest";
import type { Exchange } from "../traffic.ts";
import { answerBytes } from "./payload.ts";

const answered = (body: string, headers: Record<string, string[]> = {}): Exchange => {
  return { outcome: "answered", status: 200, body, headers, ms: 1 };
};

test("An answer has at least its body, and at most all that the client saw.", () => {
  const headers = { "content-length": ["530"], "content-type": ["application/json"], server: ["envoy"] };
  const head = "HTTP/1.1 200 OK\r\ncontent-length: 530\r\ncontent-type: application/json\r\nserver: envoy\r\n\r\n"
    .length;
  expect(answerBytes([answered("x".repeat(530), headers)])).toEqual({ least: 530, most: 530 + head });
});

test("The band is of all answers, in bytes and not in letters; what was not answered has none.", () => {
  const none: Exchange = { outcome: "reset", error: "", ms: 1 };
  const empty = "HTTP/1.1 200 OK\r\n\r\n".length;
  expect(answerBytes([answered("ab"), none, answered("äöü")])).toEqual({ least: 2, most: 6 + empty });
  expect(() => answerBytes([none])).toThrow("No answer has no bytes.");
});
