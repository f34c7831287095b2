import { existsSync } from "node:fs";
import { basename } from "node:path";
import { endHook, hookResult, startHook } from "./hook.ts";
import type { ApplicationState, Course, Operation, State } from "./state.ts";

/** What the service refuses, as the command prints it. */
export class Refusal extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const well: Course = { looks: 1, ends: "well" };
const passing = { upload: "uploading", apply: "applying", remove: "removing" } as const;
const failed = { upload: "upload-failed", apply: "apply-failed", remove: "remove-failed" } as const;
const done = { upload: "uploaded", apply: "applied", remove: "uploaded" } as const;
/** What an operation shows of its progress, one look after another; the last one stays. */
const progress = {
  upload: ["extracting application tar file", "validating and uploading charts"],
  apply: ["generating application overrides", "retrieving docker images", "applying application manifest"],
  remove: ["deleting application manifest"],
} as const;

/** The operations of the double, each with the rules of the service: which state takes which. */
export const operations = {
  upload(state: State, tarball: string): ApplicationState {
    if (!existsSync(tarball)) throw new Refusal(`Error: Tar file ${tarball} does not exist`);
    const [, name = "", version = ""] = /^(.+?)-(\d.*)\.(?:tgz|tar\.gz)$/.exec(basename(tarball)) ?? [];
    if (state.applications.some((one) => one.name === name)) {
      throw new Refusal(`Application-upload rejected: application ${name} already exists.`);
    }
    const application = {
      name,
      version,
      manifestName: `${name}-fluxcd-manifests`,
      manifestFile: "fluxcd-manifests",
      status: "",
      progress: "",
    };
    if (state.misbehaviour.losesUpload) return application;
    state.applications.push(application);
    begin(state, application, "upload", false);
    return application;
  },

  apply(state: State, name: string): void {
    const application = demand(state, "apply", name);
    if (application.status === "applying") {
      throw new Refusal("Application-apply rejected: install/update is already in progress.");
    }
    demandStatus(application, "apply", ["uploaded", "apply-failed", "applied"]);
    begin(state, application, "apply", false);
  },

  remove(state: State, name: string, forced: boolean): void {
    const application = demand(state, "remove", name);
    demandStatus(application, "remove", ["applied", "apply-failed", "remove-failed"]);
    begin(state, application, "remove", forced);
  },

  abort(state: State, name: string): void {
    const application = demand(state, "abort", name);
    demandStatus(application, "abort", ["applying", "updating", "removing"]);
    if (state.operation) state.operation.aborted = true;
  },

  delete(state: State, name: string): void {
    const application = demand(state, "delete", name);
    demandStatus(application, "delete", ["uploaded", "upload-failed"]);
    state.applications = state.applications.filter((one) => one !== application);
  },

  /** Time passes by being looked at. */
  look(state: State): void {
    const { operation } = state;
    const application = state.applications.find((one) => one.name === operation?.name);
    if (!operation || !application) return;
    const end = endOf(operation, application);
    if (end) {
      Object.assign(application, end);
      state.operation = undefined;
      return;
    }
    operation.looks -= 1;
    const steps: readonly string[] = progress[operation.kind];
    const next = steps[steps.indexOf(application.progress) + 1] ?? application.progress;
    application.progress = operation.progress ?? next;
  },
};

function begin(state: State, application: ApplicationState, kind: Operation["kind"], forced: boolean): void {
  const course = state.misbehaviour[kind] ?? well;
  application.status = course.status ?? passing[kind];
  application.progress = "None";
  const command = kind === "upload" || course.ends !== "well" ? undefined : state.hooks[kind];
  const hook = command && startHook(command);
  state.operation = { ...course, kind, name: application.name, forced, aborted: false, ...(hook && { hook }) };
}

function endOf(operation: Operation, application: ApplicationState): { status: string; progress: string } | undefined {
  const { kind, hook, forced } = operation;
  const badly = (words: string) => {
    if (!forced || operation.evenForced) return { status: failed[kind], progress: words };
    const warning = "Application remove failed. Status forced to 'uploaded'.";
    return {
      status: "uploaded",
      progress: `${warning} Use native helm commands to clean up application helm releases.`,
    };
  };
  if (operation.aborted) {
    if (hook) endHook(hook);
    return { status: failed[kind], progress: "operation aborted by user" };
  }
  if (operation.looks > 0 || operation.ends === "never") return undefined;
  if (operation.ends === "badly") {
    return badly(operation.progress ?? "operation aborted, check system inventory logs for details");
  }
  const result = hook && hookResult(hook);
  if (hook && result === undefined) return undefined;
  if (result && !result.ok) return badly(`the hook of ${application.name} failed: ${result.words}`);
  return { status: done[kind], progress: "completed" };
}

function demand(state: State, verb: string, name: string): ApplicationState {
  const application = state.applications.find((one) => one.name === name);
  if (application) return application;
  throw new Refusal(`Application-${verb} rejected: application not found.`);
}

function demandStatus({ status }: ApplicationState, verb: string, allowed: readonly string[]): void {
  if (allowed.includes(status)) return;
  throw new Refusal(`Application-${verb} rejected: operation is not allowed while the current status is ${status}.`);
}
