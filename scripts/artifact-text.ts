import type { ArtifactList } from "./artifact-list.ts";

/** The list for people: a line for each thing, with what is known of it. */
export function artifactText({ set, summary, files, images, repositories, unpinned }: ArtifactList): string {
  const rows = [
    ...files.map(({ name, from, sha256, cached }) => ({ name, from, pin: sha256 && `sha256:${sha256}`, cached })),
    ...images.map(({ usedBy, from, digest, cached }) => ({ name: usedBy, from, pin: digest, cached })),
    ...repositories.map(({ name, from, tag, commit, cached }) => {
      return { name, from: `${from}@${tag}`, pin: commit && `commit ${commit}`, cached };
    }),
  ];
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, from, pin, cached }) => {
    const facts = [pin?.slice(0, 19) ?? "unpinned", cached ? "in the cache" : ""].filter(Boolean).join(", ");
    return `${name.padEnd(width)}  ${from.replace(/@sha256:.*$/, "")}  (${facts})`;
  });
  const manifests = files.filter(({ name, cached }) => name.endsWith(".yaml") && !cached).length;
  const unread =
    manifests > 0 ? ` Images that ${manifests} manifests name are known once \`--fetch\` has brought them.` : "";
  const pinned = `${rows.length - unpinned} of ${rows.length} are pinned`;
  return `version set \`${set}\`: ${summary}\n${lines.join("\n")}\n${pinned}.${unread}`;
}
