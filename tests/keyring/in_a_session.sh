#!/bin/sh
# Runs a command with a Secret Service of its own: an unlocked, empty gnome-keyring on a message bus of its own.
# The person's own keyring is neither asked nor touched.
set -eu
for tool in dbus-run-session gnome-keyring-daemon; do
  if ! command -v "$tool" >/dev/null; then
    echo "Not run: there is no $tool on this machine (Debian and Ubuntu: apt-get install dbus gnome-keyring)."
    exit 0
  fi
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 700 "$folder"
export XDG_DATA_HOME="$folder/data" XDG_STATE_HOME="$folder/state" XDG_RUNTIME_DIR="$folder" KEYRING_SESSION="$folder"
unset DISPLAY WAYLAND_DISPLAY
dbus-run-session -- sh -c '
  printf "open sesame" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 ||
    { echo "Not run: gnome-keyring does not start here (in a container it may lack the right to lock memory)."; exit 0; }
  exec "$@"
' sh "$@"
