import { environmentError } from "../errors.ts";
import type { Answer } from "./transport.ts";

interface Resource {
  /** The version by which it is asked for: the one of the question, but for Istio's kinds before its 1.22. */
  apiVersion: string;
  /** As in URLs: `pods`. */
  plural: string;
  namespaced: boolean;
}

export interface Discovery {
  /** The resource behind a kind. Asks the API again when the kind is not known yet: CRDs come later. */
  resource(apiVersion: string, kind: string): Promise<Resource>;
  /** Whether the API has the kind; asks it again as long as it has not. */
  serves(apiVersion: string, kind: string): Promise<boolean>;
  /** URL path of an object, or of the collection when there is no name. */
  path(apiVersion: string, kind: string, namespace?: string, name?: string): Promise<string>;
}

/**
 * Maps kinds to URLs by asking the API for the resources of a version, once per version. Istio's kinds, which vmesh
 * writes as `v1`, have that version since Istio 1.22 only ("Istio v1 APIs", istio.io/blog/2024/v1-apis); before it they
 * are asked for by the version which the API prefers of those that it has, whose fields are the same. Throws an environment error for a kind the cluster does not serve and for a missing namespace.
 */
export function createDiscovery(read: (path: string) => Promise<Answer>): Discovery {
  const known = new Map<string, Map<string, Resource>>();

  const findIn = async (apiVersion: string, kind: string): Promise<Resource | undefined> => {
    const hit = known.get(apiVersion)?.get(kind);
    if (hit) return hit;
    const answer = await read(versionPath(apiVersion));
    if (answer.status === 200) known.set(apiVersion, parseResources(apiVersion, answer.body));
    else if (answer.status !== 404) throw refused(versionPath(apiVersion), answer);
    return known.get(apiVersion)?.get(kind);
  };

  const find = async (apiVersion: string, kind: string): Promise<Resource | undefined> => {
    const found = await findIn(apiVersion, kind);
    const [, group] = /^([\w.-]+\.istio\.io)\/v1$/.exec(apiVersion) ?? [];
    if (found || group === undefined) return found;
    for (const other of await versionsOf(group)) {
      const older = await findIn(other, kind);
      if (older) return older;
    }
    return undefined;
  };

  /** API versions of a group, the preferred one first; none for a group that is not there. */
  const versionsOf = async (group: string): Promise<string[]> => {
    const path = `/apis/${group}`;
    const answer = await read(path);
    if (answer.status === 404) return [];
    if (answer.status !== 200) throw refused(path, answer);
    const { preferredVersion, versions } = JSON.parse(answer.body) as {
      preferredVersion: { groupVersion: string };
      versions: { groupVersion: string }[];
    };
    return [...new Set([preferredVersion, ...versions].map(({ groupVersion }) => groupVersion))];
  };

  const resource = async (apiVersion: string, kind: string): Promise<Resource> => {
    const found = await find(apiVersion, kind);
    if (found) return found;
    throw environmentError(`The cluster does not serve the kind \`${kind}\` of \`${apiVersion}\`.`, {
      hint: "install the component that brings it, or correct apiVersion and kind",
    });
  };

  const path = async (apiVersion: string, kind: string, namespace?: string, name?: string): Promise<string> => {
    const { apiVersion: served, plural, namespaced } = await resource(apiVersion, kind);
    if (namespaced && name !== undefined && !namespace) {
      throw environmentError(`${kind} \`${name}\` needs a namespace, none is given.`);
    }
    const parts = [versionPath(served)];
    if (namespaced && namespace) parts.push("namespaces", encodeURIComponent(namespace));
    parts.push(plural);
    if (name !== undefined) parts.push(encodeURIComponent(name));
    return parts.join("/");
  };

  const serves = async (apiVersion: string, kind: string) => (await find(apiVersion, kind)) !== undefined;

  return { resource, serves, path };
}

function versionPath(apiVersion: string): string {
  return `${apiVersion.includes("/") ? "/apis" : "/api"}/${apiVersion}`;
}

function refused(path: string, { status, body }: Answer): Error {
  return environmentError(`GET ${path}: the API answered ${status}.`, { evidence: body.slice(0, 500) });
}

function parseResources(apiVersion: string, body: string): Map<string, Resource> {
  const { resources } = JSON.parse(body) as { resources: { name: string; kind: string; namespaced: boolean }[] };
  const subresource = /\//;
  return new Map(
    resources
      .filter(({ name }) => !subresource.test(name))
      .map(({ name, kind, namespaced }) => [kind, { apiVersion, plural: name, namespaced }]),
  );
}
