/** What the guide of the application says it does not do, as the reason with which checks are skipped. */
export const unsupported = {
  "istio-metrics": "StarlingX's Istio application: metrics and tracing functionalities are not supported at this time",
  tracing: "StarlingX's Istio application: metrics and tracing functionalities are not supported at this time",
} as const;
