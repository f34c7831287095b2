#!/usr/bin/env bash
source "$(dirname "${BASH_SOURCE[0]}")/hack/common.sh"
echo "$files/.kubeconfig"
