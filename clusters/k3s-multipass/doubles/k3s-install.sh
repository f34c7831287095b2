#!/bin/sh
# A double of k3s' installer in an instance of the double of Multipass: `k3s-install.sh server|agent`, as configured by
# /etc/rancher/k3s/config.yaml. A server gets a kubeconfig that names 127.0.0.1, as k3s writes it, of the cluster that the
# double's own kubeconfig leads to; an agent has to know the server's address and its token.
set -eu
config=$INSTANCE_ROOT/etc/rancher/k3s/config.yaml
setting() {
	sed -n "s/^$1: //p" "$2"
}

if due k3s-hangs; then sleep 600; fi
if due k3s-install-fails; then
	echo "Job for k3s.service failed because the control process exited with error code." >&2
	exit 1
fi
case $1 in
server)
	grep -q traefik "$config" || { echo "the double expects Traefik to be off" >&2; exit 1; }
	sed 's#\("\{0,1\}server"\{0,1\}: *"\{0,1\}https\{0,1\}://\)[^:/]*#\1127.0.0.1#' "$DOUBLE/kubeconfig" \
		>"$INSTANCE_ROOT/etc/rancher/k3s/k3s.yaml"
	systemctl enable k3s
	;;
agent)
	server=$(setting server "$config" | sed 's#https://\(.*\):6443#\1#')
	known=$(sed -n "s/^\([^ ]*\) $server\$/\1/p" "$INSTANCE_ROOT/etc/hosts")
	if [ "$known" != "$(cat "$DOUBLE/instances/$server/ipv4")" ]; then
		echo "failed to get CA certs: Get \"https://$server:6443/cacerts\": dial tcp: lookup $server: no such host" >&2
		exit 1
	fi
	if [ "$(setting token "$config")" != "$(setting token "$DOUBLE/instances/$server/root/etc/rancher/k3s/config.yaml")" ]; then
		echo "failed to validate token: 401 Unauthorized" >&2
		exit 1
	fi
	systemctl enable k3s-agent
	;;
esac
