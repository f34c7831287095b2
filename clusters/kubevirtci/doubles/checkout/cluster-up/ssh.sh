#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/hack/common.sh"
source "$standin/cluster/$KUBEVIRT_PROVIDER/provider.sh"
$cli --prefix $provider_prefix ssh "$@"
