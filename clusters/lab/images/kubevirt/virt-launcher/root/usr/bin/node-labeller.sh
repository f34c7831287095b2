#!/bin/sh
# Tells virt-handler what QEMU can do on this node. Always by emulation: the presence of /dev/kvm proves nothing.
set -eu
folder=/var/lib/kubevirt-node-labeller
virtqemud --daemon
tries=0
until virsh --connect qemu:///system version >/dev/null 2>&1; do
	tries=$((tries + 1))
	[ "$tries" -lt 100 ] || { echo "libvirt does not answer" >&2; exit 1; }
	sleep 0.1
done
export VIRSH_DEFAULT_CONNECT_URI=qemu:///system
machine="--machine q35 --arch x86_64 --virttype qemu"
virsh domcapabilities $machine >"$folder/virsh_domcapabilities.xml"
virsh hypervisor-cpu-baseline --features "$folder/virsh_domcapabilities.xml" $machine >"$folder/supported_features.xml"
virsh capabilities >"$folder/capabilities.xml"
