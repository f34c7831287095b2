import { describe, expect, test } from "vitest";
import { versions } from "./lab/versions.ts";
import { mirrored } from "./upstream/mirror.ts";
import { loadVersionSet, parseVersionSet, versionSetNames } from "./version-set.ts";

describe("the sets of the repository", () => {
  test("are these, and each can be read.", async () => {
    expect(versionSetNames).toEqual(["2021-blog", "2023-istio-vms", "2024-getting-started", "current", "lab"]);
    for (const name of versionSetNames) expect(await loadVersionSet(name)).toMatchObject({ name });
  });

  test("pin what the sources used.", async () => {
    const versionsOf = async (name: string) => (await loadVersionSet(name)).versions;
    expect(await versionsOf("2021-blog")).toMatchObject({
      istio: "1.10.0",
      kubevirt: "v0.43.0",
      kubevirtci: "2108222252-0007793",
      "kubevirtci-provider": "k8s-1.21",
    });
    expect(await versionsOf("2023-istio-vms")).toMatchObject({ istio: "1.19.3", k3s: "v1.27.7+k3s1" });
    expect(await versionsOf("2024-getting-started")).toMatchObject({ istio: "1.20.0", "gateway-api": "v0.8.0-rc1" });
  });

  test("named `lab` has the versions that the lab builds.", async () => {
    expect((await loadVersionSet("lab")).versions).toMatchObject(versions);
  });

  test.each(versionSetNames)("leave no placeholder but those of the machine that fetches: %s.", async (name) => {
    const { images, files } = await loadVersionSet(name);
    const texts = [...Object.values(images), ...Object.values(files).map(({ url }) => url)];
    expect(texts.filter((text) => /\$\{(?!platform\}|arch\})/.test(text))).toEqual([]);
  });

  test.each(versionSetNames)("do not have two things at one place of a mirror: %s.", async (name) => {
    const { images, files, repositories } = await loadVersionSet(name);
    const places = [
      ...Object.values(images).map((reference) => mirrored.reference(reference, "mirror.example:5000")),
      ...Object.values(files).map(({ url }) => mirrored.url(url, "mirror.example:5000")),
      ...Object.values(repositories).map((url) => mirrored.url(url, "mirror.example:5000")),
    ];
    expect(new Set(places).size).toBe(places.length);
  });
});

test("Another version of one thing can be asked for, and only of what the set has.", async () => {
  const set = await loadVersionSet("2023-istio-vms", { istio: "1.20.0" });
  expect(set.versions).toMatchObject({ istio: "1.20.0", k3s: "v1.27.7+k3s1" });
  expect(set.images["istio/pilot"]).toMatch(/:1\.20\.0$/);
  await expect(loadVersionSet("2023-istio-vms", { kubevirt: "v1" })).rejects.toMatchObject({
    kind: "usage",
    hint: "it has istio, k3s",
  });
});

test("Versions go into images and addresses, the first two numbers of one as its branch.", () => {
  const set = parseVersionSet(
    "mine",
    [
      "summary: for a test",
      "versions: { istio: 1.20.3 }",
      "images: { istio/pilot: 'docker.io/istio/pilot:${istio}' }",
      "files:",
      "  a: { url: 'https://a.example/release-${istio.branch}/${istio}-${platform}', executable: true }",
    ].join("\n"),
  );
  expect(set).toEqual({
    name: "mine",
    summary: "for a test",
    versions: { istio: "1.20.3" },
    images: { "istio/pilot": "docker.io/istio/pilot:1.20.3" },
    files: { a: { url: "https://a.example/release-1.20/1.20.3-${platform}", executable: true } },
    repositories: {},
  });
});

test.each([
  ["2024-getting-startet", "2024-getting-started"],
  ["curent", "current"],
])("An unknown set is a usage error with the known ones and the nearest: %s.", async (name, near) => {
  await expect(loadVersionSet(name)).rejects.toMatchObject({
    kind: "usage",
    message: `There is no version set \`${name}\`. Known: 2021-blog, 2023-istio-vms, 2024-getting-started, current, lab.`,
    hint: `the nearest one is \`${near}\``,
  });
});

test.each([
  ["no summary", "versions: {}", /summary/],
  ["a key that no set has", "summary: x\nversions: {}\nimage: {}", /image/],
  ["a version that is no string", "summary: x\nversions: { istio: 1.2 }", /istio/],
  ["an address without a host", "summary: x\nversions: {}\nfiles: { a: { url: /a } }", /expected an address/],
  ["a repository without a tag", "summary: x\nversions: {}\nrepositories: { a: 'https://a.example/a' }", /the tag/],
])("A set with %s is a usage error that shows it.", (_, text, evidence) => {
  expect(() => parseVersionSet("mine", text)).toThrow(
    expect.objectContaining({ kind: "usage", evidence: expect.stringMatching(evidence) }),
  );
});

test.each([
  ["${istoi}", "uses `${istoi}`, which is none of its versions"],
  ["istio/pilot:1", "expected `HOST/NAME:TAG`"],
  ["docker.io/istio/pilot", "expected `HOST/NAME:TAG`"],
])("The image `%s` is a usage error.", (image, message) => {
  const text = `summary: x\nversions: { istio: "1" }\nimages: { istio/pilot: '${image}' }`;
  expect(() => parseVersionSet("mine", text)).toThrow(
    expect.objectContaining({ kind: "usage", message: expect.stringContaining(message) }),
  );
});
