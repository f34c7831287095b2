import { parseAllDocuments } from "yaml";

/** References of the images that pods of a manifest run, complete with registry and tag, each once. */
export function imagesOfManifest(text: string): string[] {
  const found = new Set<string>();
  for (const document of parseAllDocuments(text)) visit(document.toJS(), (image) => void found.add(image));
  return [...found].toSorted();
}

/** The object with other references in the place of those of its containers, which `change` gets complete. */
export function withImages<T>(object: T, change: (reference: string) => string): T {
  const copy = structuredClone(object);
  visit(copy, change);
  return copy;
}

/** Docker's shorthand written out: `prom/prometheus` is `docker.io/prom/prometheus:latest`. */
export function completeReference(text: string): string {
  const [first = "", ...rest] = text.split("/");
  const hasHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const named = hasHost ? text : `docker.io/${rest.length > 0 ? text : `library/${text}`}`;
  return /(:[\w.-]+|@sha256:[0-9a-f]+)$/.test(named) ? named : `${named}:latest`;
}

/** Calls for every image of a container, and puts in its place what is returned. */
function visit(value: unknown, change: (reference: string) => string | void): void {
  if (Array.isArray(value)) return value.forEach((item) => visit(item, change));
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (/^(c|initC|ephemeralC)ontainers$/.test(key) && Array.isArray(inner))
      inner.forEach((one) => visitImage(one, change));
    visit(inner, change);
  }
}

function visitImage(container: unknown, change: (reference: string) => string | void): void {
  if (typeof container !== "object" || container === null || !("image" in container)) return;
  if (typeof container.image !== "string") return;
  const changed = change(completeReference(container.image));
  if (typeof changed === "string") container.image = changed;
}
