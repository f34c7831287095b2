/** The Deployments of Istio's sample Bookinfo, each with an image of its own. */
export const bookinfoDeployments = [
  "productpage-v1",
  "details-v1",
  "ratings-v1",
  "reviews-v1",
  "reviews-v2",
  "reviews-v3",
] as const;

/** Those, and the second productpage of the getting-started notes' experiment. */
export type BookinfoName = (typeof bookinfoDeployments)[number] | "productpage-v2";

/** The part of a provider by which it has a Deployment's image. */
export function bookinfoPart(deployment: string): string {
  return `bookinfo/${deployment}`;
}

/**
 * The images of Bookinfo by the names of its Deployments, as the environment has them. Returns the parts that are
 * missing in a sentence if there is not one for each.
 */
export function bookinfoImages(parts: Readonly<Record<string, string>>): Record<string, string> | string {
  const missing = bookinfoDeployments.filter((name) => parts[bookinfoPart(name)] === undefined);
  if (missing.length > 0) return `the provider has no image of Bookinfo's ${missing.join(", ")}`;
  return Object.fromEntries(bookinfoDeployments.map((name) => [name, parts[bookinfoPart(name)] ?? ""]));
}

/** The names of the objects that belong to a Deployment of Bookinfo: ServiceAccount, Service and itself. */
export function bookinfoObjects(deployment: BookinfoName): string[] {
  const [service = ""] = deployment.split("-");
  // Behind a Service of its own, beside the first one's.
  const own = deployment === "productpage-v2" ? deployment : service;
  return [`bookinfo-${service}`, own, deployment];
}
