import { z } from "zod";

/** One request as a cluster's RBAC judges it: all of `verbs` are asked of the user. */
export const apiRequest = z.strictObject({
  verbs: z.array(z.string()).min(1),
  /** Empty for the core group. */
  group: z.string(),
  /** `pods`, or with a subresource `pods/exec`. */
  resource: z.string(),
  /** None for what has no namespace, and for a list of all. */
  namespace: z.string().optional(),
  name: z.string().optional(),
});
export type ApiRequest = z.infer<typeof apiRequest>;

const methods: Record<string, string> = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" };

/**
 * What RBAC sees of an HTTP request to an API server; `undefined` for what is no resource (`/readyz`, discovery), which
 * every user may ask. Server-side apply creates what is not there, which takes the right to.
 */
export function apiRequestOf(method: string, path: string, contentType?: string): ApiRequest | undefined {
  const [plain = "", query = ""] = path.split("?");
  const [, root, ...parts] = plain.split("/").map(decodeURIComponent);
  const group = root === "apis" ? parts.shift() : root === "api" ? "" : undefined;
  parts.shift();
  if (group === undefined || parts.length === 0) return undefined;
  // `namespaces/x/pods` is in a namespace, `namespaces/x` is one, and so are its subresources.
  const isInNamespace = parts[0] === "namespaces" && parts.length > 2 && !isNamespacePart(parts[2]);
  const [namespace] = isInNamespace ? parts.splice(0, 2).slice(1) : [];
  const [resource = "", name, subresource] = parts;
  const isWatch = new URLSearchParams(query).has("watch");
  return {
    verbs: verbsOf(method, {
      one: name !== undefined,
      subresource,
      isWatch,
      isApply: /apply-patch/.test(contentType ?? ""),
    }),
    group,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  };
}

function isNamespacePart(part: string | undefined): boolean {
  return part === "status" || part === "finalize";
}

function verbsOf(
  method: string,
  {
    one,
    subresource,
    isWatch,
    isApply,
  }: { one: boolean; subresource: string | undefined; isWatch: boolean; isApply: boolean },
): string[] {
  // Asked by a WebSocket, which is a GET; newer API servers want the right of a POST as well.
  if (subresource === "exec" || subresource === "portforward") return ["get", "create"];
  if (method === "GET") return [isWatch ? "watch" : one ? "get" : "list"];
  const verb = methods[method] ?? method.toLowerCase();
  if (isApply && subresource === undefined) return [verb, "create"];
  return [verb === "delete" && !one ? "deletecollection" : verb];
}
