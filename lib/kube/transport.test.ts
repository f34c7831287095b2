import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { environmentError } from "../errors.ts";
import { WaitError } from "../wait.ts";
import { createTransport } from "./transport.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const request = { method: "GET", path: "/version", subject: "/version" };
const refused = () => Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

async function transport(reconnectMs?: number) {
  const path = join(await temporaryFolder(), "kubeconfig");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    // Port 1 of this machine: nothing listens there.
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "u", user: { token: "t" } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  };
  await writeFile(path, JSON.stringify(config));
  return createTransport(path, reconnectMs);
}

test("A server that cannot be reached is the environment's fault and no unmet wait, after its repeats.", async () => {
  const error = await (await transport(700)).send(request).catch((error: unknown) => error);
  expect(error).not.toBeInstanceOf(WaitError);
  expect(error).toMatchObject({
    kind: "environment",
    message: expect.stringMatching(
      /^Not true within 0.7 s: GET \/version reaches the API server\. Last of \d observations: .*ECONNREFUSED/,
    ),
  });
});

test("A lost connection is repeated until it holds.", async () => {
  let attempts = 0;
  const work = (await transport()).reconnecting(request, async () => {
    attempts += 1;
    if (attempts === 1) throw refused();
    return "answer";
  });
  await expect(work).resolves.toBe("answer");
});

test.each([
  [
    Object.assign(new Error("certificate has expired"), { code: "CERT_HAS_EXPIRED" }),
    "GET /version did not get through: certificate has expired",
  ],
  [new DOMException("late", "TimeoutError"), "GET /version: no answer from the API within 40 s."],
  [Object.assign(new Error("aborted"), { name: "AbortError" }), "GET /version: no answer from the API within 40 s."],
  [environmentError("own words"), "own words"],
  [{ message: "Unexpected server response: 404" }, "GET /version did not get through: Unexpected server response: 404"],
])("Any other error passes at once, in words: %s", async (thrown, message) => {
  let attempts = 0;
  const work = (await transport()).reconnecting(request, async () => {
    attempts += 1;
    throw thrown;
  });
  await expect(work).rejects.toMatchObject({ kind: "environment", message });
  expect(attempts).toBe(1);
});

test("An abort is an interrupted error.", async () => {
  const controller = new AbortController();
  const work = (await transport()).send({ ...request, signal: controller.signal });
  controller.abort();
  await expect(work).rejects.toMatchObject({ kind: "interrupted" });
});
