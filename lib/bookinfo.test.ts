import { expect, test } from "vitest";
import { bookinfoDeployments, bookinfoImages, bookinfoObjects } from "./bookinfo.ts";
import { loadManifests } from "./manifests.ts";

const parts = Object.fromEntries(bookinfoDeployments.map((name) => [`bookinfo/${name}`, `${name}:1`]));

test("Images are named as the Deployments; what is missing is told.", () => {
  expect(bookinfoImages(parts)).toMatchObject({ "reviews-v2": "reviews-v2:1" });
  expect(bookinfoImages({ ...parts, "bookinfo/details-v1": undefined as never })).toBe(
    "the provider has no image of Bookinfo's details-v1",
  );
});

test("The base has the objects of the sample by these names, and the second productpage beside them.", async () => {
  const images = Object.fromEntries(bookinfoDeployments.map((name) => [`image.${name}`, `${name}:1`]));
  const objects = await loadManifests(new URL("../suites/base/bookinfo.yaml", import.meta.url).pathname, images);
  const named = (kind: string) => objects.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name);
  expect(named("Deployment").toSorted()).toEqual([...bookinfoDeployments, "productpage-v2"].toSorted());
  expect(named("Service")).toEqual(["productpage", "details", "ratings", "reviews", "productpage-v2"]);
  expect(named("ServiceAccount")).toEqual(
    ["productpage", "details", "ratings", "reviews"].map((service) => `bookinfo-${service}`),
  );
  for (const name of [...bookinfoDeployments, "productpage-v2"] as const) {
    const chosen = objects.filter(({ metadata }) => bookinfoObjects(name).includes(metadata.name));
    expect(
      chosen.map(({ kind }) => kind),
      name,
    ).toEqual(["ServiceAccount", "Service", "Deployment"]);
  }
});
