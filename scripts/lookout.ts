import type { Kube, KubeObject, ListQuery } from "../lib/kube.ts";
import { pause } from "../lib/wait.ts";

/** Between two looks for new objects; far below what a workload takes to its first request. */
const lookEveryMs = 300;

/** Tells its listeners of objects that appear. All that ask for the same objects share one series of requests. */
export interface Lookout {
  /** Hears once of each object that appears from now on. What it returns ends that, and throws what `hear` once threw. */
  listen(query: ListQuery, hear: (object: KubeObject) => Promise<void>): Promise<() => Promise<void>>;
}

interface Post {
  listeners: Set<(object: KubeObject) => Promise<void>>;
  watching: Promise<void>;
}

export function createLookout(kube: Pick<Kube, "list">): Lookout {
  const posts = new Map<string, Promise<Post>>();

  const open = async (query: ListQuery): Promise<Post> => {
    const uidOf = ({ metadata }: KubeObject) => metadata.uid ?? "";
    const seen = new Set((await kube.list(query)).map(uidOf));
    const listeners: Post["listeners"] = new Set();
    const watch = async () => {
      // The one who asked for it listens by now.
      do {
        const fresh = (await kube.list(query)).filter((object) => !seen.has(uidOf(object)));
        for (const object of fresh) {
          seen.add(uidOf(object));
          if (object.metadata.deletionTimestamp) continue;
          await Promise.all([...listeners].map((hear) => hear(object)));
        }
        await pause(lookEveryMs);
      } while (listeners.size > 0);
    };
    const watching = pause(0).then(watch);
    // Thrown to the last listener that leaves; nobody may have left by then.
    watching.catch(() => undefined);
    return { listeners, watching };
  };

  return {
    async listen(query, hear) {
      const key = JSON.stringify(query);
      const opened = posts.get(key) ?? open(query);
      posts.set(key, opened);
      const post = await opened;
      const failures: unknown[] = [];
      const listener = async (object: KubeObject) => {
        if (failures.length === 0) await hear(object).catch((error: unknown) => failures.push(error));
      };
      post.listeners.add(listener);
      return async () => {
        post.listeners.delete(listener);
        if (post.listeners.size === 0) {
          posts.delete(key);
          await post.watching;
        }
        if (failures.length > 0) throw failures[0];
      };
    },
  };
}
