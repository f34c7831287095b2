/** Path of the API server that leads to a port of a Service of Istio's addons, wherever vmesh itself runs. */
export function serviceProxy(service: string, port: number): string {
  return `/api/v1/namespaces/istio-system/services/${service}:${port}/proxy`;
}
