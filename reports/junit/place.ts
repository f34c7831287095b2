import { isAbsolute, relative } from "node:path";

/**
 * The folder of a report as a CI server has to be told it: GitLab and Jenkins look for evidence from the workspace on,
 * not from the file that names it. Outside of one it is named from the current folder on.
 */
export function placeOf(folder: string, env: NodeJS.ProcessEnv = process.env): string {
  const workspaces = [env["CI_PROJECT_DIR"], env["WORKSPACE"]].filter((path) => path !== undefined && path !== "");
  const paths = workspaces.map((workspace = "") => relative(workspace, folder));
  return paths.find((path) => !/^\.\.(\/|$)/.test(path) && !isAbsolute(path)) ?? relative(process.cwd(), folder);
}
