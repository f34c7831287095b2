import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type DoubleContainer, type DoubleEngine, doubleEngine } from "./engine.ts";
import { container, gocli, restartDnsmasq } from "./gocli.ts";

/**
 * A double of the container CLI, `docker`, as kubevirtci's scripts and this provider call it: what it knows is in the
 * folder that `VMESH_DOUBLE_ENGINE` names, and so are the failure modes that a test switches on, one a line in `faults`.
 * Containers of kubevirtci's own program do what that does, see `gocli.ts`; nothing else runs in it.
 */
const engine: DoubleEngine = doubleEngine(process.env["VMESH_DOUBLE_ENGINE"] ?? "");
const args = process.argv.slice(2);
mkdirSync(engine.folder, { recursive: true });
appendFileSync(join(engine.folder, "calls"), `${args.join(" ")}\n`);
process.exitCode = await docker(args);
// Nothing of a hanging command is left to wait for.
process.exit();

async function docker([command = "", ...rest]: string[]): Promise<number> {
  if (engine.fault("engine-down")) {
    return fail("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?");
  }
  const commands: Record<string, (words: string[]) => number | Promise<number>> = {
    run,
    ps,
    inspect,
    rm,
    restart,
    volume,
    logs: (words) => print([`console of ${words.at(-1)}, a double`]),
    version: () => print(["27.5.1"]),
    info: () => print([engine.folder]),
    tag: () => 0,
    rmi: () => 0,
    push,
  };
  const work = commands[command];
  return work ? work(rest) : fail(`docker: '${command}' is not a command of the double.`);
}

/** `run [OPTIONS] IMAGE COMMAND…`: a container of gocli's image, which ends with its command. */
async function run(words: string[]): Promise<number> {
  const image = words.findIndex((word) => /\/gocli:/.test(word));
  if (image < 0) return fail(`The double runs images of gocli alone, got: ${words.join(" ")}`);
  const options = words.slice(0, image);
  const command = words.slice(image + 1);
  const own = container(`gocli-${process.pid}`, `"/cli ${command.join(" ")}"`, labelsOf(options));
  // It stays where this process is killed, as a real one would.
  engine.put(own);
  const exit = options.includes("--entrypoint") ? inShell(options, command) : await gocli(engine, command);
  if (options.includes("--rm")) engine.remove(own);
  return exit;
}

/** `sh -c SCRIPT` where a folder of this machine is mounted: done to that folder itself. */
function inShell(options: readonly string[], command: readonly string[]): number {
  const [source = "", target = ""] = valuesOf(options, "-v").at(-1)?.split(":") ?? [];
  const script = (command[1] ?? "").replaceAll(target, source);
  return spawnSync("sh", ["-c", script], { stdio: "inherit" }).status ?? 1;
}

function ps(words: string[]): number {
  const filters = valuesOf(words, "--filter").map((filter) => filter.replace(/^label=/, ""));
  const shown = engine.containers().filter(({ labels }) => {
    return filters.every((filter) =>
      Object.entries(labels).some((label) => label.join("=") === filter || label[0] === filter),
    );
  });
  return print(shown.map((one) => fill(valuesOf(words, "--format")[0] ?? "{{.ID}}", one)));
}

function inspect(words: string[]): number {
  const found = named(words.at(-1));
  if (!found) return fail(`Error: No such container: ${words.at(-1)}`);
  return print([fill(valuesOf(words, "--format")[0] ?? "{{.Id}}", found)]);
}

function rm(words: string[]): number {
  const found = named(words.at(-1));
  if (!found) return fail(`Error: No such container: ${words.at(-1)}`);
  if (engine.fault("stuck")?.includes(found.name)) return fail(`Error response from daemon: device or resource busy`);
  engine.remove(found);
  return print([found.id]);
}

async function restart(words: string[]): Promise<number> {
  const found = named(words.at(-1));
  if (!found) return fail(`Error: No such container: ${words.at(-1)}`);
  if (found.name.endsWith("-dnsmasq")) await restartDnsmasq(engine, found);
  return print([found.name]);
}

function volume([action, ...words]: string[]): number {
  if (action === "ls") return print(engine.volumes());
  if (action !== "rm") return fail(`docker volume: '${action}' is not a command of the double.`);
  engine.removeVolume(words.at(-1) ?? "");
  return print([words.at(-1) ?? ""]);
}

/** A registry of a cluster takes what comes to its port; any other host does not answer. */
function push(words: string[]): number {
  const reference = words.at(-1) ?? "";
  const port = Number(/^(?:localhost|127\.0\.0\.1):(\d+)\//.exec(reference)?.[1]);
  const isRegistry = engine.containers().some(({ ports }) => ports?.["registry"] === port);
  if (!isRegistry || engine.fault("push-fails")) return fail(`dial tcp 127.0.0.1:${port}: connect: connection refused`);
  engine.putPushed(reference);
  return 0;
}

function named(name = ""): DoubleContainer | undefined {
  return engine.containers().find((one) => one.name === name || one.id === name);
}

/** A Go template with the fields that are asked for. */
function fill(template: string, { id, name, command, created }: DoubleContainer): string {
  const fields: Record<string, string> = {
    ".ID": id,
    ".Id": id,
    ".Names": name,
    ".Name": `/${name}`,
    ".Command": command,
    "json .Created": JSON.stringify(created),
  };
  return template.replace(/\{\{(.*?)\}\}/g, (_, field: string) => {
    const value = fields[field.trim()];
    if (value === undefined) throw new Error(`The double does not know the field \`${field}\`.`);
    return value;
  });
}

function labelsOf(options: readonly string[]): Record<string, string> {
  return Object.fromEntries(valuesOf(options, "--label").map((label) => label.split("=", 2) as [string, string]));
}

function valuesOf(words: readonly string[], flag: string): string[] {
  return words.flatMap((word, index) => (word === flag ? [words[index + 1] ?? ""] : []));
}

function print(lines: readonly string[]): number {
  for (const line of lines) process.stdout.write(`${line}\n`);
  return 0;
}

function fail(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}
