import { GenericContainer } from "testcontainers";

/** A container with an address of its own choice on the one network it joins. */
export class LabContainer extends GenericContainer {
  #address = "";

  withAddress(address: string): this {
    this.#address = address;
    return this;
  }

  protected override async beforeContainerCreated(): Promise<void> {
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: { [String(this.networkMode)]: { IPAMConfig: { IPv4Address: this.#address } } },
    };
  }
}

/** Points testcontainers at our engine. */
export function useEngine(dockerHost: string): void {
  process.env.DOCKER_HOST = dockerHost;
  // Its reaper is an image of its own that only a registry has; vmesh removes by label instead.
  process.env.TESTCONTAINERS_RYUK_DISABLED = "true";
  // Otherwise it asks the engine's default bridge for its gateway, and our engine has no such bridge.
  process.env.TESTCONTAINERS_HOST_OVERRIDE = "localhost";
}
