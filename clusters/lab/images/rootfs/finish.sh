#!/bin/sh
# finish.sh ROOT [PATH...]: does the few things that the unpacked packages' maintainer scripts would have done, and drops
# what no container needs, the given paths among it. Running all maintainer scripts takes four times as long.
set -eu
root=$1
shift

cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
cp "$root/usr/share/libc-bin/nsswitch.conf" "$root/etc/nsswitch.conf"
for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
	ln -sf xtables-nft-multi "$root/usr/sbin/$name"
done
ln -sf mawk "$root/usr/bin/awk"
# Relative: virt-handler resolves /proc/PID/root/var/run, and an absolute link would lead back to itself.
rm -rf "$root/var/run" "$root/var/lock"
ln -s ../run "$root/var/run"
ln -s ../run/lock "$root/var/lock"

rm -rf "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/info" "$root/usr/share/locale" \
	"$root/usr/share/i18n" "$root/usr/share/lintian" "$root/usr/share/bash-completion" "$root/usr/lib/systemd/system" \
	"$root/var/lib/apt" "$root/var/lib/dpkg" "$root/var/cache/apt" "$root/boot"
for path; do
	rm -r "${root:?}/$path"
done
ldconfig -r "$root"
