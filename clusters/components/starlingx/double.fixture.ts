import { mkdir, readFile, writeFile } from "node:fs/promises";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, onTestFinished, vi } from "vitest";
import { temporaryFolder } from "../../../lib/temporary-folder.ts";
import type { ApplicationState, Misbehaviour, State } from "./doubles/state.ts";

/** The double of `system`, first in PATH for the test under way, with credentials for it. */
export interface SystemDouble {
  /** Folder with tarballs of applications. */
  helm: string;
  /** The double's own folder. */
  folder: string;
  state(): Promise<State>;
  /** Has it depart from its course in another way, or in none. */
  misbehave(misbehaviour: Misbehaviour): Promise<void>;
  /** Has the operation that is under way end well at the next look, whatever it was to do. */
  ends(): Promise<void>;
  /** The application as the double has it; `undefined` if it has none. */
  istio(): Promise<ApplicationState | undefined>;
}

/** The double starts some ten times in a test; so Node.js need not compile it each time. */
const compiled = mkdtempSync(join(tmpdir(), "vmesh-test-"));
afterAll(() => rmSync(compiled, { recursive: true, force: true }));

const platform = ["cert-manager 24.09-78", "nginx-ingress-controller 24.09-66", "platform-integ-apps 24.09-141"];

/** An application of the double's. */
export function application(name: string, version: string, status: string, progress = "completed"): ApplicationState {
  return {
    name,
    version,
    manifestName: `${name}-fluxcd-manifests`,
    manifestFile: "fluxcd-manifests",
    status,
    progress,
  };
}

export async function systemDouble(
  given: {
    applications?: ApplicationState[];
    misbehaviour?: Misbehaviour;
    hooks?: State["hooks"];
    tarballs?: string[];
  } = {},
): Promise<SystemDouble> {
  const { applications = [], misbehaviour = {}, hooks = {}, tarballs = ["istio-24.09-11.tgz"] } = given;
  const folder = await temporaryFolder();
  const helm = join(folder, "helm");
  await mkdir(helm);
  for (const name of tarballs) await writeFile(join(helm, name), "");
  const others = platform.map((line) => line.split(" ")).map(([name = "", version = ""]) => ({ name, version }));
  const installed = others.map(({ name, version }) => application(name, version, "applied"));
  const state: State = { applications: [...installed, ...applications], misbehaviour, hooks, calls: [] };
  const file = join(folder, "state.json");
  await writeFile(file, JSON.stringify(state));
  const path = [join(import.meta.dirname, "doubles"), dirname(process.execPath), process.env["PATH"] ?? ""];
  const variables = {
    STARLINGX_DOUBLE: folder,
    NODE_COMPILE_CACHE: compiled,
    PATH: path.join(delimiter),
    OS_USERNAME: "admin",
    OS_PASSWORD: "a-password-of-the-test",
    OS_PROJECT_NAME: "admin",
    OS_AUTH_URL: "http://192.0.2.1:5000/v3",
    OS_REGION_NAME: "RegionOne",
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const read = async () => JSON.parse(await readFile(file, "utf8")) as State;
  return {
    helm,
    folder,
    state: read,
    misbehave: async (other) => writeFile(file, JSON.stringify({ ...(await read()), misbehaviour: other })),
    async ends() {
      const now = await read();
      const operation = now.operation && { ...now.operation, looks: 0, ends: "well" };
      await writeFile(file, JSON.stringify({ ...now, operation }));
    },
    istio: async () => (await read()).applications.find(({ name }) => name === "istio"),
  };
}
