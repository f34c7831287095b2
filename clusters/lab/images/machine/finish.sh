#!/bin/sh
# finish.sh ROOT KERNEL: makes a machine's root file system of a Debian that has just been installed into ROOT. KERNEL is
# the unpacked kernel package. What differs between machines (name, address, keys) comes with systemd's credentials.
set -eu
root=$1
kernel=$2

cp -a "$kernel/usr/lib/modules" "$root/usr/lib/"
chroot "$root" depmod "$(ls "$root/usr/lib/modules")"
# As Istio's Debian package does.
chroot "$root" useradd --system --uid 1337 --home-dir /var/lib/istio --shell /bin/bash istio-proxy
for folder in etc/certs etc/istio/config etc/istio/proxy var/lib/istio/envoy var/lib/istio/proxy var/log/istio; do
	mkdir -p "$root/$folder"
	chroot "$root" chown istio-proxy:istio-proxy "/$folder"
done

rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname"
: >"$root/etc/machine-id"
printf '127.0.0.1\tlocalhost\n' >"$root/etc/hosts"
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
chroot "$root" systemctl --quiet enable systemd-networkd systemd-network-generator systemd-resolved ssh
# Nobody logs in on a terminal, keys are given, and nothing is to be updated.
chroot "$root" systemctl --quiet mask getty@tty1 serial-getty@ttyS0 sshd-keygen apt-daily.timer apt-daily-upgrade.timer \
	dpkg-db-backup.timer fstrim.timer e2scrub_reap systemd-pstore systemd-networkd-wait-online
rm -rf "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale" "$root/var/lib/apt/lists" "$root/var/cache/apt"
