#!/bin/sh
# fresh_data.sh KANAL DIRECTORY: leaves an empty private database there, for tests to begin with a
# copy of: making one takes longer than most tests. One that is newer than KANAL stays, as another
# run may be copying it.
set -eu
[ ! "$2" -nt "$1" ] || exit 0
# The database's user may not pass to a clone of root's.
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
trap 'exit 130' HUP INT TERM
chmod 755 "$made"
mkfifo "$made/address"
setpriv --pdeathsig TERM "$1" database --data "$made/data" >"$made/address" &
bridge=$!
read -r address <"$made/address"
[ -n "$address" ]
kill -INT "$bridge"
wait "$bridge"
rm -rf "$2"
# Below a directory that only root may enter it stands elsewhere, and a copy would be the same one.
[ ! -e "$made/data/postgres/moved-to" ] || exit 0
mv "$made/data" "$2"
touch "$2"
