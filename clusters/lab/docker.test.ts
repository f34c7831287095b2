import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { docker, filters } from "./docker.ts";

let folder: string;
let socket: string;
let server: Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vmesh-docker-"));
  socket = join(folder, "engine.sock");
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      if (request.url === "/gone") {
        response.writeHead(404, { "content-type": "application/json" }).end('{"message":"no such thing"}');
      } else if (request.url === "/ping") {
        response.writeHead(200, { "content-type": "text/plain" }).end("OK");
      } else if (request.url === "/silent") {
        // never answered: the caller has to give up
      } else {
        const echo = { method: request.method, url: request.url, body };
        response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify(echo));
      }
    });
  }).listen(socket);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

test("a request carries method, path and JSON body, and its JSON answer is parsed", async () => {
  const answer = await docker(socket, "/networks/create", { method: "POST", body: { Name: "a" } });
  expect(answer).toEqual({ status: 201, body: { method: "POST", url: "/networks/create", body: '{"Name":"a"}' } });
});

test("a text answer stays text", async () => {
  expect((await docker(socket, "/ping")).body).toBe("OK");
});

test("a refusal is an error with the engine's own words, unless it is an accepted answer", async () => {
  await expect(docker(socket, "/gone")).rejects.toMatchObject({
    message: "The Docker engine answered 404 to `GET /gone`.",
    evidence: "no such thing",
  });
  expect((await docker(socket, "/gone", { accept: [404] })).status).toBe(404);
});

test("a socket that is not there is an error that names it", async () => {
  await expect(docker(join(folder, "none"), "/ping")).rejects.toThrow(/No Docker engine answers at `.*none`/);
});

test("an engine that takes longer than it may is an error that says so, not one that it is absent", async () => {
  const answer = docker(socket, "/silent", { method: "DELETE", timeoutMs: 50 });
  await expect(answer).rejects.toMatchObject({
    kind: "environment",
    message: expect.stringMatching(/too slow: expected an answer to `DELETE \/silent` within 0\.05 s/),
  });
});

test("an abort ends a request that gets no answer", async () => {
  const controller = new AbortController();
  const answer = docker(socket, "/silent", { signal: controller.signal });
  controller.abort();
  await expect(answer).rejects.toMatchObject({ kind: "interrupted" });
});

test("filters are one JSON query value", () => {
  expect(decodeURIComponent(filters({ label: ["a=b"] }))).toBe('{"label":["a=b"]}');
});
