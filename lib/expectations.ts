// What the body of a check states about exchanges: all that it may import beside `lib/test.ts`.

export * from "./expectations/answers.ts";
export * from "./expectations/bookinfo.ts";
export { answeredByProxy, redirectedTo } from "./expectations/by-proxy.ts";
export { containerStates } from "./expectations/container-states.ts";
export { containersInOrder, createdContainers } from "./expectations/created-containers.ts";
export * from "./expectations/edge.ts";
export * from "./expectations/expectation.ts";
export { paceOf } from "./expectations/pace.ts";
export { readiness } from "./expectations/readiness.ts";
export * from "./expectations/refusals.ts";
export { echoOf, spiffeId } from "./traffic.ts";
export type { Exchange, SpiffeId } from "./traffic.ts";
