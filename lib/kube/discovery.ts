import { environmentError } from "../errors.ts";
import type { Answer } from "./transport.ts";

interface Resource {
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
 * Maps kinds to URLs by asking the API for the resources of a version, once per version.
 * Throws an environment error for a kind the cluster does not serve and for a missing namespace.
 */
export function createDiscovery(read: (path: string) => Promise<Answer>): Discovery {
  const known = new Map<string, Map<string, Resource>>();

  const find = async (apiVersion: string, kind: string): Promise<Resource | undefined> => {
    const hit = known.get(apiVersion)?.get(kind);
    if (hit) return hit;
    const answer = await read(versionPath(apiVersion));
    if (answer.status === 200) known.set(apiVersion, parseResources(answer.body));
    else if (answer.status !== 404) {
      throw environmentError(`GET ${versionPath(apiVersion)}: the API answered ${answer.status}.`, {
        evidence: answer.body.slice(0, 500),
      });
    }
    return known.get(apiVersion)?.get(kind);
  };

  const resource = async (apiVersion: string, kind: string): Promise<Resource> => {
    const found = await find(apiVersion, kind);
    if (found) return found;
    throw environmentError(`The cluster does not serve the kind \`${kind}\` of \`${apiVersion}\`.`, {
      hint: "install the component that brings it, or correct apiVersion and kind",
    });
  };

  const path = async (apiVersion: string, kind: string, namespace?: string, name?: string): Promise<string> => {
    const { plural, namespaced } = await resource(apiVersion, kind);
    if (namespaced && name !== undefined && !namespace) {
      throw environmentError(`${kind} \`${name}\` needs a namespace, none is given.`);
    }
    const parts = [versionPath(apiVersion)];
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

function parseResources(body: string): Map<string, Resource> {
  const { resources } = JSON.parse(body) as { resources: { name: string; kind: string; namespaced: boolean }[] };
  const subresource = /\//;
  return new Map(
    resources
      .filter(({ name }) => !subresource.test(name))
      .map(({ name, kind, namespaced }) => [kind, { plural: name, namespaced }]),
  );
}
