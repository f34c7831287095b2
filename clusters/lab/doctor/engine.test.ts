import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../../../lib/temporary-folder.ts";
import { judgeEngine, readEngine, type SeenEngine } from "./engine.ts";

afterEach(() => void vi.unstubAllEnvs());

const debian: SeenEngine = {
  socket: "/var/run/docker.sock",
  version: "20.10.24+dfsg1",
  dataRoot: "/var/lib/docker",
  driver: "overlay2",
  security: ["name=seccomp,profile=default"],
};
const judge = (engine: SeenEngine | undefined, more: { requested?: string; isRoot?: boolean } = {}) =>
  judgeEngine({ engine, requested: more.requested, isRoot: more.isRoot ?? true });

test.for([
  ["an engine that answers", judge(debian), "fine", undefined],
  ["one that answers another user", judge(debian, { isRoot: false }), "fine", undefined],
  ["one that was asked for", judge(debian, { requested: "unix:///var/run/docker.sock" }), "fine", undefined],
  [
    "another one than was asked for",
    judge(debian, { requested: "unix:///run/a.sock" }),
    "limited",
    "DOCKER_HOST names",
  ],
  ["none where root can start one", judge(undefined), "fine", undefined],
  ["none for another user", judge(undefined, { isRoot: false }), "missing", "run as root"],
  ["one that is too old", judge({ ...debian, version: "19.03.15" }), "missing", "update it"],
  ["a newer one", judge({ ...debian, version: "28.2.2" }), "fine", undefined],
  ["one without root", judge({ ...debian, security: ["name=seccomp", "name=rootless"] }), "missing", "runs as root"],
  ["one with user namespaces", judge({ ...debian, security: ["name=userns"] }), "missing", "without user namespaces"],
  ["one that copies layers", judge({ ...debian, driver: "vfs" }), "limited", "off another overlay"],
] as const)("%s: judged, with a mend where it is not fine.", ([, { level, mend }, expected, words]) => {
  expect(level).toBe(expected);
  if (words === undefined) expect(mend).toBeUndefined();
  else expect(mend).toContain(words);
});

test("Where none answers, a run says that it starts one.", () => {
  expect(judge(undefined).runDoes).toBe("starts Debian's Docker engine");
  expect(judge(debian).runDoes).toBeUndefined();
});

test("What the engine at DOCKER_HOST says of itself is read.", async () => {
  const socket = join(await temporaryFolder(), "docker.sock");
  const answers: Record<string, unknown> = {
    "/version": { Version: "28.2.2" },
    "/info": { ServerVersion: "28.2.2", DockerRootDir: "/data", Driver: "overlay2", SecurityOptions: null, NCPU: 2 },
  };
  const server = createServer(({ url = "" }, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answers[url]));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  vi.stubEnv("DOCKER_HOST", `unix://${socket}`);
  const seen = { socket, version: "28.2.2", dataRoot: "/data", driver: "overlay2", security: [] };
  expect(await readEngine(await temporaryFolder())).toEqual(seen);
});

test("An engine of another machine is an error that says so.", async () => {
  vi.stubEnv("DOCKER_HOST", "tcp://192.0.2.9:2375");
  await expect(readEngine(await temporaryFolder())).rejects.toThrow("the lab needs an engine of this machine");
});
