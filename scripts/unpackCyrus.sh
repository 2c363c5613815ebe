#!/usr/bin/env bash
# Unpacks the Cyrus IMAP server from Debian's packages into the user's cache folder, for the tests. Nothing is
# installed and no root is needed: apt does not let Cyrus and Dovecot be installed side by side.
set -euo pipefail
export LC_ALL=C

cache="${XDG_CACHE_HOME:-$HOME/.cache}/n8n-nodes-pec"
target="$cache/cyrus"
programs=(usr/lib/cyrus/bin/{master,imapd,idled,ctl_cyrusdb} usr/sbin/saslpasswd2)

if [ -d "$target" ]; then exit 0; fi

mkdir -p "$cache"
work="$(mktemp -d "$cache/cyrus.XXXXXX")"
trap 'rm -rf "$work"' EXIT
mkdir "$work/packages" "$work/tree"

# The lists of a new machine are empty until root asks for them.
download() {
	if apt-get download -qq "$@" >"$work/said" 2>&1; then return 0; fi
	if [ "$(id -u)" = 0 ] && apt-get update -qq >"$work/said" 2>&1; then
		if apt-get download -qq "$@" >"$work/said" 2>&1; then return 0; fi
	fi
	cat "$work/said" >&2
	echo "Could not download $*. If apt does not know them: sudo apt-get update" >&2
	return 1
}

unpack() {
	(cd "$work/packages" && download "$@")
	local file
	for file in "$work"/packages/*.deb; do
		dpkg-deb --extract "$file" "$work/tree"
		rm "$file"
	done
}

library_path() {
	find "$work/tree" -name '*.so*' -printf '%h\n' | sort -u | paste -sd :
}

linked_libraries() {
	LD_LIBRARY_PATH="$(library_path)" ldd "${programs[@]}" "${plugins[@]}"
}

libraries_are_missing() {
	[[ "$(linked_libraries)" == *'not found'* ]]
}

# The libraries that packages depend on and this machine does not have.
missing_libraries_of() {
	local name
	apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces "$@" |
		sed -n 's/^ *|\?\(Pre\)\?Depends: \(lib[^<>]*\)$/\2/p' | sort -u |
		while read -r name; do
			dpkg-query --show --showformat='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || echo "$name"
		done
}

packages=(cyrus-imapd cyrus-common sasl2-bin libsasl2-modules libsasl2-modules-db)
unpack "${packages[@]}"
cd "$work/tree"
plugins=(usr/lib/*/sasl2/lib{sasldb,plain,login}.so)
while libraries_are_missing; do
	mapfile -t packages < <(missing_libraries_of "${packages[@]}")
	if [ ${#packages[@]} = 0 ]; then
		echo 'Cyrus needs libraries that none of its packages names.' >&2
		exit 1
	fi
	unpack "${packages[@]}"
done

# What the tests start, and of the libraries those it uses.
mkdir -p "$work/cyrus/bin" "$work/cyrus/lib/sasl2"
cp "${programs[@]}" "$work/cyrus/bin/"
cp --dereference "${plugins[@]}" "$work/cyrus/lib/sasl2/"
linked_libraries |
	sed -n "s#.* => \($work/tree/[^ ]*\) .*#\1#p" | sort -u |
	xargs --no-run-if-empty cp --dereference --target-directory="$work/cyrus/lib"
# Another run may have been faster.
mv --no-target-directory "$work/cyrus" "$target" 2>/dev/null || [ -d "$target" ]
