import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { loadVersionSet } from "../version-set.ts";
import { obtainAddons } from "./obtain-addons.ts";
import { serveHttp } from "./upstream.fixture.ts";
import { emptyLock } from "./version-lock.ts";

test.each([
  ["2021-blog", ["jaeger", "kiali", "prometheus"]],
  ["current", ["grafana", "jaeger", "kiali", "loki", "prometheus"]],
])("Of the version set %s the addons are had that it names.", async (name, expected) => {
  const mirror = await serveHttp((request, response) => void response.end(request.url));
  const options = {
    cacheDir: join(await temporaryFolder(), "cache"),
    mirror,
    lock: emptyLock(),
    log: createLog({ write: () => {} }),
    signal: new AbortController().signal,
  };
  const files = await obtainAddons(await loadVersionSet(name), options);
  expect(Object.keys(files).toSorted()).toEqual(expected);
  expect(await readFile(files.kiali ?? "", "utf8")).toMatch(/\/samples\/addons\/kiali\.yaml$/);
});
