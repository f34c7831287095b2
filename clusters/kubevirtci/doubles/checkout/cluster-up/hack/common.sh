# What every script of the stand-in begins with: where it is, and what it was told.
standin="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
KUBEVIRTCI_CONFIG_PATH="${KUBEVIRTCI_CONFIG_PATH:-$standin/../_ci-configs}"
KUBEVIRT_PROVIDER="${KUBEVIRT_PROVIDER:-k8s-1.34}"
provider_prefix="$KUBEVIRT_PROVIDER"
files="$KUBEVIRTCI_CONFIG_PATH/$KUBEVIRT_PROVIDER"
mkdir -p "$files"
