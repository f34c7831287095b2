# The command lines that reach the container CLI. Only docker: podman's differ.
if [ -z "$KUBEVIRTCI_TAG" ]; then
  echo "FATAL: the stand-in needs KUBEVIRTCI_TAG" >&2
  exit 1
fi
if [ "$KUBEVIRTCI_RUNTIME" != docker ] && ! docker ps >/dev/null 2>&1; then
  echo "no working container runtime found. Neither docker nor podman seems to work." >&2
  exit 1
fi
image="${KUBEVIRTCI_GOCLI_CONTAINER:-quay.io/kubevirtci/gocli:$KUBEVIRTCI_TAG}"
modules=""
if [ -d /lib/modules ]; then modules="-v /lib/modules/:/lib/modules/"; fi
# Unquoted on purpose, as there: USE_TTY may hold several words.
cli="docker run --privileged --net=host --rm $USE_TTY -v /var/run/docker.sock:/var/run/docker.sock -e KUBEVIRT_PROVIDER=$KUBEVIRT_PROVIDER -e DOCKER_API_VERSION $modules $image"

run_flags() {
  local flags="--nodes ${KUBEVIRT_NUM_NODES:-1} --memory ${KUBEVIRT_MEMORY_SIZE:-5120M} --numa 1 --cpu ${KUBEVIRT_NUM_VCPU:-6}"
  flags="$flags --secondary-nics 0 --random-ports --background --prefix $provider_prefix $KUBEVIRT_PROVIDER"
  flags="--dns-port ${KUBEVIRT_DNS_HOST_PORT:-31111} $flags"
  if [ -z "$JOB_NAME" ]; then flags="$flags --ocp-port 8443"; fi
  if [ -n "$KUBEVIRTCI_CONTAINER_REGISTRY" ]; then flags="--container-registry=$KUBEVIRTCI_CONTAINER_REGISTRY $flags"; fi
  if [ "$KUBEVIRT_DEPLOY_ISTIO" = true ]; then flags="--enable-istio $flags"; fi
  if [ "${KUBEVIRT_FLANNEL:-true}" = true ]; then flags="--flannel $flags"; fi
  if [ "$KUBEVIRT_WITH_CNAO" = true ]; then flags="--enable-cnao $flags"; fi
  echo "$flags"
}

up() {
  $cli run $(run_flags)
  $cli scp --prefix $provider_prefix /etc/kubernetes/admin.conf - >"$files/.kubeconfig"
  $cli scp --prefix $provider_prefix /usr/bin/kubectl - >"$files/.kubectl"
  local mount="-v $files:/kubevirtci_config"
  docker run --privileged --rm $mount --entrypoint /bin/sh $image -c "chmod 755 /kubevirtci_config/.kubectl"
  docker run --privileged --rm $mount --entrypoint /bin/sh $image -c "chmod 766 /kubevirtci_config/.kubeconfig"
  export KUBECONFIG="$files/.kubeconfig"
  "$files/.kubectl" config set-cluster kubernetes --server="https://127.0.0.1:$($cli ports --prefix $provider_prefix k8s)"
  "$files/.kubectl" config set-cluster kubernetes --insecure-skip-tls-verify=true
  echo "registry=localhost:$($cli ports --prefix $provider_prefix registry)" >"$files/config-provider-$KUBEVIRT_PROVIDER.sh"
  local ssh="$cli --prefix $provider_prefix ssh"
  local workers="node-role.kubernetes.io/control-plane"
  if [ "${KUBEVIRT_NUM_NODES:-1}" -gt 1 ]; then workers="!$workers"; fi
  $ssh node01 -- sudo kubectl --kubeconfig=/etc/kubernetes/admin.conf label node -l "$workers" node-role.kubernetes.io/worker=''
  if [ "$KUBEVIRT_DEPLOY_ISTIO" = true ] && [ "$KUBEVIRT_WITH_CNAO" = true ]; then
    local number
    for number in $(seq -f %02g 1 "${KUBEVIRT_NUM_NODES:-1}"); do
      $ssh "node$number" -- "until ls /etc/cni/multus/net.d/*istio*.conf > /dev/null 2>&1; do sleep 1; done"
      $ssh "node$number" -- sudo cp -uv "/etc/cni/multus/net.d/*istio*.conf" /etc/cni/net.d/
    done
  fi
}
