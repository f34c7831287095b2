import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../lib/temporary-folder.ts";
import { serveHttp } from "../../upstream/upstream.fixture.ts";
import { parseSettings } from "../settings.ts";
import { lookAtReleases } from "./releases.ts";

const settings = parseSettings({ artifacts: "upstream" });
const options = async () => ({ settings, cacheDir: join(await temporaryFolder(), "cache"), versions: "current" });

test("A lab that is built takes no releases.", async () => {
  expect(await lookAtReleases({ ...(await options()), settings: parseSettings({}) })).toEqual([]);
});

test("A mirror that has an image and a file is fine, and a run fetches the rest.", async () => {
  const asked: string[] = [];
  const mirror = await serveHttp((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(200, { "docker-content-digest": `sha256:${"a".repeat(64)}` }).end();
  });
  expect(await lookAtReleases({ ...(await options()), mirror })).toMatchObject([
    { level: "fine", detail: "answer for `current`", runDoes: "fetches 10 files and images" },
  ]);
  expect(asked).toEqual([
    "HEAD /v2/release/pilot/manifests/1.31.1",
    expect.stringMatching(/^HEAD \/istio\/istio\/releases\/download\/1\.31\.1\/istioctl-/),
  ]);
});

test.each([
  ["does not have them", "/v2/", "The registry 127.0.0.1:"],
  ["has the images alone", "/istio/istio/", "answers with status 404, expected 200"],
])("A mirror that %s is missing.", async (_, gone, detail) => {
  const mirror = await serveHttp((request, response) => {
    const status = request.url?.startsWith(gone) ? 404 : 200;
    response.writeHead(status, { "docker-content-digest": `sha256:${"a".repeat(64)}` }).end();
  });
  expect(await lookAtReleases({ ...(await options()), mirror })).toMatchObject([
    { level: "missing", detail: expect.stringContaining(detail), mend: expect.stringContaining("--mirror") },
  ]);
});

test("Offline all that the cache lacks is named at once, and nobody asked.", async () => {
  const look = { ...(await options()), offline: true, mirror: "http://127.0.0.1:1" };
  expect(await lookAtReleases(look)).toMatchObject([
    {
      level: "missing",
      detail: expect.stringMatching(
        /lacks 10 of `current`: istioctl, kubevirt-operator\.yaml, istio\/pilot, .*virt-launcher$/,
      ),
      mend: expect.stringContaining("artifacts --set current --fetch"),
    },
  ]);
});
