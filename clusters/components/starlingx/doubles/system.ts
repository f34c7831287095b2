/**
 * A test double of StarlingX's command `system`, not the real one: as much of it as leads an application from upload to
 * deletion, with the states, refusals and tables that the real command and its service have. What it knows, and how it
 * is to misbehave, is in the file `state.json` of the folder `STARLINGX_DOUBLE`. It is started by `system` beside it.
 */
import { Refusal, operations } from "./operations.ts";
import { listTable, propertyTable } from "./print.ts";
import { readState, writeState } from "./state.ts";

const [command = "", ...args] = process.argv.slice(2);
const operand = args.find((arg) => !arg.startsWith("-")) ?? "";
const reminder = (name: string) =>
  `Please use 'system application-list' or 'system application-show ${name}' to view the current progress.`;

try {
  demandCredentials();
  const state = readState();
  state.calls.push([command, ...args].join(" "));
  const { misbehaviour } = state;
  writeState(state);
  // Until it is killed.
  if (misbehaviour.hangs?.includes(command)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  // The real one ends like this when its connection fails.
  if (misbehaviour.silent?.includes(command)) process.exit(0);
  const refusal = misbehaviour.refuses?.[command];
  if (refusal !== undefined) throw new Refusal(refusal);
  const lines = work();
  writeState(state);
  console.log(lines.join("\n"));

  function work(): string[] {
    switch (command) {
      case "application-list":
        operations.look(state);
        return [listTable(state)];
      case "application-upload":
        return shown(operations.upload(state, operand).name);
      case "application-apply":
        operations.apply(state, operand);
        return shown(operand);
      case "application-remove":
        operations.remove(state, operand, args.includes("--force") || args.includes("-f"));
        return shown(operand);
      case "application-abort":
        operations.abort(state, operand);
        return [
          "Application abort request has been accepted. If the previous operation has not completed/failed, it will be cancelled shortly.",
        ];
      case "application-delete":
        operations.delete(state, operand);
        return [`Application ${operand} deleted.`];
      default:
        throw new Refusal(`argument <subcommand>: invalid choice: '${command}'`, 2);
    }
  }
  function shown(name: string): string[] {
    const application = state.applications.find((one) => one.name === name);
    return [application ? propertyTable(application) : "", reminder(name)];
  }
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exit(error.exitCode);
}

function demandCredentials(): void {
  const words: Record<string, string> = {
    OS_USERNAME: "a username via either --os-username",
    OS_PASSWORD: "a password via either --os-password",
    OS_PROJECT_NAME: "a project name via either --os-project-name",
    OS_AUTH_URL: "an auth url via either --os-auth-url",
    OS_REGION_NAME: "an region name via either --os-region-name",
  };
  for (const [name, word] of Object.entries(words)) {
    if (!process.env[name]) throw new Refusal(`You must provide ${word} or via env[${name}]`);
  }
}
