import { expect, test } from "vitest";
import { reproduceCheck } from "./reproduce.ts";

test.for([
  ["on a new cluster", "--provider lab --nodes 2 --profile core --seed 7", "--provider lab --nodes 2 --seed 7"],
  [
    "among others",
    "--cluster current --check a/x --suite b --tag t --require-all --seed 7",
    "--cluster current --seed 7",
  ],
  [
    "on a cluster whose file needs quotes",
    `--cluster 'my cluster'\\''s/e.json' --profile extended --seed 7`,
    `--cluster 'my cluster'\\''s/e.json' --seed 7`,
  ],
  [
    "with the versions and the builds of the run",
    "--config 'my lab.yaml' --provider lab --nodes 1 --versions 2021-blog --artifacts upstream --profile core --seed 7",
    "--config 'my lab.yaml' --provider lab --nodes 1 --versions 2021-blog --artifacts upstream --seed 7",
  ],
  [
    "with what the run installed, as whom",
    "--cluster kubeconfig --install istio --install kubevirt --as system:serviceaccount:a:b --tag 'x and --as y' --seed 7",
    "--cluster kubeconfig --install istio --install kubevirt --as system:serviceaccount:a:b --seed 7",
  ],
  [
    "once",
    "--offline --shard 1/2 --repeat 3 --until-failure --retry 1 --fail-on-flaky --no-shuffle --seed 7",
    "--offline --seed 7",
  ],
] as const)("One check %s is repeated where it was, by its name and whatever else was selected.", ([, run, where]) => {
  const facts = { reproduce: `scripts/vmesh run ${run}` };
  expect(reproduceCheck(facts, "inbound/udp")).toBe(`scripts/vmesh run ${where} --check inbound/udp`);
});

test("One test of a file that holds several is repeated with its file.", () => {
  expect(reproduceCheck({ reproduce: "scripts/vmesh run" }, "inbound/udp#second")).toBe(
    "scripts/vmesh run --check inbound/udp",
  );
});

test("A name that a shell would not take for a word is quoted.", () => {
  expect(reproduceCheck({ reproduce: "scripts/vmesh run" }, "a/b; reboot")).toBe(
    "scripts/vmesh run --check 'a/b; reboot'",
  );
});

test("An error outside of every check is repeated with the run.", () => {
  const reproduce = "scripts/vmesh run --suite inbound --seed 7";
  expect(reproduceCheck({ reproduce }, "vmesh/unhandled-error-1")).toBe(reproduce);
});
