#!/bin/sh
# Called by udhcpc with what the DHCP server answered in its environment.
case "$1" in
deconfig)
	ip link set "$interface" up
	ip address flush dev "$interface"
	;;
bound | renew)
	ip link set "$interface" mtu "${mtu:-1500}"
	ip address replace "$ip/${mask:-24}" dev "$interface"
	for gateway in $router; do ip route replace default via "$gateway" dev "$interface"; done
	[ -z "$dns" ] || {
		[ -z "${search:-$domain}" ] || echo "search ${search:-$domain}"
		for server in $dns; do echo "nameserver $server"; done
	} >/etc/resolv.conf
	;;
esac
