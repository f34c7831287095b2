import { expect, test } from "vitest";
import { agentsOf, parseSettings } from "./settings.ts";

test("An empty section has the documented defaults.", () => {
  expect(parseSettings({})).toEqual({
    multipass: "multipass",
    image: "22.04",
    server: { cpus: 2, memoryMiB: 2048, diskGiB: 10 },
    agent: { cpus: 2, memoryMiB: 4096, diskGiB: 15 },
    vm: { cpus: 2, memoryMiB: 1024, diskGiB: 5 },
    externalVm: true,
    containerTool: "docker",
    images: {},
    files: {},
  });
});

test("The source's own settings can be said, and what is not said of a size stays.", () => {
  const section = {
    k3sVersion: "v1.27.7+k3s1",
    istioVersion: "1.19.3",
    istioArch: "osx-arm64",
    image: "22.04",
    server: { cpus: 2, memory: "1G", disk: "4G" },
    agent: { memory: "8G", disk: "8G" },
    containerTool: "podman",
  };
  expect(parseSettings(section)).toMatchObject({
    ...section,
    server: { cpus: 2, memoryMiB: 1024, diskGiB: 4 },
    agent: { cpus: 2, memoryMiB: 8192, diskGiB: 8 },
  });
});

test.each([
  ["an unknown key", { agnets: 1 }, /agnets/],
  ["an unknown key of a size", { server: { ram: "1G" } }, /ram/],
  ["a memory without a unit", { agent: { memory: "8" } }, /expected an amount such as 2G or 512M/],
  ["too little memory", { server: { memory: "256M" } }, /expected at least 512M/],
  ["a version of k3s that is none", { k3sVersion: "1.27.7" }, /such as v1\.27\.7\+k3s1/],
  ["another tool for containers", { containerTool: "nerdctl" }, /docker.*podman/],
  ["a file by a relative path", { files: { k3s: "k3s" } }, /expected an absolute path/],
  ["a file that a cluster is not made of", { files: { helm: "/helm" } }, /helm/],
])("A section with %s is a usage error that shows it.", (_what, section, evidence) => {
  expect(() => parseSettings(section)).toThrow(
    expect.objectContaining({ kind: "usage", evidence: expect.stringMatching(evidence) }),
  );
});

test.each([
  ["neither says how many", {}, 1, 2],
  ["`nodes` counts the server, too", {}, 4, 3],
  ["the section says", { agents: 0 }, 1, 0],
  ["both say the same", { agents: 3 }, 4, 3],
])("There are agents as %s.", (_what, section, nodes, agents) => {
  expect(agentsOf(parseSettings(section), nodes)).toBe(agents);
});

test("Numbers of nodes and agents that contradict each other are a usage error.", () => {
  expect(() => agentsOf(parseSettings({ agents: 2 }), 2)).toThrow("`nodes` is 2 and `agents` is 2");
});
