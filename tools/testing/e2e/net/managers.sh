# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
#
# Network managers of a Debian, for tests: networkd, networkmanager, netplan and ifupdown.
# What reads this sets $manager and $link, which is all that the manager has.
#
# Each begins with DHCP, an MTU of 1400 and a route that is not the default one; forgets
# the link; refuses what it is told; and stops refusing.

# All that a manager keeps on the disk, to see that it is as it was.
state()
{
	find /etc/netplan /etc/network /etc/systemd/network /etc/NetworkManager/system-connections \
		-type f ! -name '*.old' -exec sha256sum {} + 2>/dev/null | sort
	case $manager in ifupdown) sha256sum /etc/resolv.conf ;; esac
}

networkd_begin()
{
	mkdir -p "/etc/systemd/network/50-$link.network.d"
	printf '[Match]\nName=%s*\n\n[Network]\nDHCP=yes\n\n[Link]\nMTUBytes=1400\n' "$link" \
		>"/etc/systemd/network/50-$link.network"
	printf '[Route]\nDestination=198.51.100.0/24\nGateway=203.0.113.2\n' \
		>"/etc/systemd/network/50-$link.network.d/route.conf"
	networkctl reload
	networkctl reconfigure "$link"
}

networkd_forget()
{
	rm -r /etc/systemd/network/*
	networkctl reload
	networkctl reconfigure "$link"
	ip addr flush dev "$link" scope global
}

# It does not answer; what it was told it hears of later, when all is as it was.
networkd_refuse()
{
	systemctl kill -s STOP systemd-networkd.service
}

networkd_allow()
{
	systemctl kill -s CONT systemd-networkd.service
}

networkmanager_begin()
{
	# udev's rules tell it to leave a veth alone, which would be an adapter elsewhere
	printf '[main]\nno-auto-default=*\n[device-test]\nmatch-device=interface-name:%s\nmanaged=1\n' \
		"$link" >/etc/NetworkManager/conf.d/test.conf
	nmcli general reload
	nmcli -w 10 connection delete base
	nmcli -w 10 connection add type ethernet con-name base ifname "$link" ethernet.mtu 1400 \
		ipv4.method auto ipv4.routes '198.51.100.0/24 203.0.113.2'
	nmcli -w 20 connection up base
}

networkmanager_forget()
{
	nmcli -t -f uuid connection show | xargs nmcli -w 10 connection delete
}

networkmanager_refuse()
{
	mount --bind /etc/NetworkManager/system-connections /etc/NetworkManager/system-connections &&
		mount -o remount,bind,ro /etc/NetworkManager/system-connections
	# which has mounts of its own
	# shellcheck disable=SC2016 # expanded by the shell in there
	nsenter -m -t "$(pidof NetworkManager)" \
		sh -c 'd=/etc/NetworkManager/system-connections; mount --bind $d $d; mount -o remount,bind,ro $d'
}

networkmanager_allow()
{
	nsenter -m -t "$(pidof NetworkManager)" umount -l /etc/NetworkManager/system-connections
	umount -l /etc/NetworkManager/system-connections
}

netplan_begin()
{
	cat >/etc/netplan/01-base.yaml <<-END
	network:
	  version: 2
	  renderer: networkd
	  ethernets:
	    uplink:
	      match: {name: "$link*"}
	      mtu: 1400
	      dhcp4: true
	      routes:
	        - {to: 198.51.100.0/24, via: 203.0.113.2}
	END
	chmod 600 /etc/netplan/01-base.yaml
	netplan apply
}

# What netplan does not have, networkd behind it can have without it.
netplan_forget()
{
	rm /etc/netplan/*
	netplan apply
	ip addr flush dev "$link" scope global
}

# What makes networkd's files of netplan's; Debian 12 has it elsewhere.
netplan_generator()
{
	ls /usr/libexec/netplan/generate 2>/dev/null || echo /usr/lib/netplan/generate
}

# Its configuration is wrong elsewhere.
netplan_refuse()
{
	cp -p "$(netplan_generator)" /run/generate.away
	printf '#!/bin/sh\nexit 1\n' >"$(netplan_generator)"
}

netplan_allow()
{
	cp -p /run/generate.away "$(netplan_generator)"
}

ifupdown_begin()
{
	ifdown --force "$link"
	printf 'source /etc/network/interfaces.d/*\n\nauto lo\niface lo inet loopback\n' \
		>/etc/network/interfaces
	cat >/etc/network/interfaces.d/base <<-END
	# the uplink
	auto $link
	iface $link inet dhcp
	    pre-up ip link set $link mtu 1400
	    up ip route add 198.51.100.0/24 via 203.0.113.2 || :

	# the end
	END
	ifup "$link"
}

ifupdown_forget()
{
	ifdown --force "$link"
	rm /etc/network/interfaces.d/*
}

ifupdown_refuse()
{
	# not the old setting, so that there is a way back
	cat >/etc/network/if-pre-up.d/refuse <<-END
	#!/bin/sh
	case \$IF_ADDRESS in
	203.0.113.40*) exit 1 ;;
	esac
	END
	chmod +x /etc/network/if-pre-up.d/refuse
}

ifupdown_allow()
{
	rm /etc/network/if-pre-up.d/refuse
}

# In a Debian that has all managers, and none running: the units of this one.
units()
{
	case $manager in
	networkd | netplan) echo systemd-networkd.service systemd-resolved.service ;;
	networkmanager) echo NetworkManager.service ;;
	ifupdown) echo ifupdown-pre.service networking.service ;;
	esac
}

# With a resolv.conf as it is where there is no other.
manager_start()
{
	rm -f /etc/resolv.conf
	case $manager in
	networkd | netplan) ln -s ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf ;;
	*) echo 'search a.example' >/etc/resolv.conf ;;
	esac
	# NetworkManager's package leaves all that others could have alone
	rm -f /usr/lib/NetworkManager/conf.d/10-globally-managed-devices.conf
	printf '[main]\nrc-manager=file\n' >/etc/NetworkManager/conf.d/resolv.conf
	# shellcheck disable=SC2046 # one word a unit
	systemctl unmask $(units) && systemctl start $(units)
}

manager_stop()
{
	# its sockets would start it again
	# shellcheck disable=SC2046
	systemctl stop systemd-networkd.socket $(units)
}

# As after a boot: what the link has is what the manager has on the disk.
manager_restart()
{
	manager_stop
	ip address flush dev "$link"
	case $manager in
	netplan)
		rm -f /run/systemd/network/*
		netplan generate
		;;
	# it leaves a link alone that is made by software and down
	networkmanager) rm -rf /run/NetworkManager/devices ;;
	*) ip link set "$link" down ;;
	esac
	# shellcheck disable=SC2046
	systemctl start $(units)
}

# Where a manager has what it is told.
directory()
{
	case $manager in
	networkd) echo /etc/systemd/network ;;
	networkmanager) echo /etc/NetworkManager/system-connections ;;
	netplan) echo /etc/netplan ;;
	ifupdown) echo /etc/network/interfaces.d ;;
	esac
}

# Nobody can write there; being read-only does not come to the daemon by itself.
directory_seal()
{
	mount --bind "$(directory)" "$(directory)" &&
		mount -o remount,bind,ro "$(directory)" &&
		nsenter -m -t "$(pidof hv_kvp_daemon)" mount -o remount,bind,ro "$(directory)"
}

directory_open()
{
	umount "$(directory)"
}
