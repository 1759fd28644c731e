# Sourced by ./run and ./test: puts the machine and the build in order. Quiet and quick the second
# time. Works as root and as a user with sudo.

export DEBIAN_FRONTEND=noninteractive

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
stop() { printf 'kanal: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo -E "$@"
  else stop "installing packages needs root: run this as root, or install sudo for this user"
  fi
}

# packages run|test|all: the lists of cmake/packages, one a line.
packages() {
  case "$1" in
    run) sed '/^# --- tests/,$d' cmake/packages ;;
    test) sed '/^# --- fuzz/,$d' cmake/packages ;;
    all) cat cmake/packages ;;
  esac | grep -v '^#'
}

missing_packages() {
  local package
  for package in $(packages "$1"); do
    # A newer Node.js than Debian's brings its own npm.
    case "$package" in
      nodejs) command -v node >/dev/null && continue ;;
      npm) command -v npm >/dev/null && continue ;;
    esac
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      echo "$package"
  done
}

# Servers that come with the packages are started by Kanal and its tests alone, on addresses of
# their own: nothing of the distribution's may start here by itself.
without_starting_services() {
  local policy=/usr/sbin/policy-rc.d mark='# While Kanal installs packages' status=0
  # One of ours was left behind by a run that was killed.
  if [ ! -e "$policy" ] || grep -q "^$mark" "$policy"; then
    trap "as_root rm -f $policy" EXIT
    printf '#!/bin/sh\n%s\nexit 101\n' "$mark" | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  as_root mkdir -p /etc/postgresql-common/createcluster.d
  [ -e /etc/postgresql-common/createcluster.d/kanal.conf ] ||
    echo 'create_main_cluster = false' |
      as_root tee /etc/postgresql-common/createcluster.d/kanal.conf >/dev/null
  "$@" || status=$?
  if [ -n "$(trap -p EXIT)" ]; then
    as_root rm -f "$policy"
    trap - EXIT
  fi
  return "$status"
}

install_packages() {
  local wanted service fresh=''
  wanted=$(missing_packages "$1")
  [ -n "$wanted" ] || return 0
  [ -e /etc/debian_version ] || stop "this script knows Debian 12 only; install: $(echo $wanted)"
  say "Installing $(echo "$wanted" | wc -l) packages (this happens once)"
  as_root apt-get update -qq || stop "apt-get update failed: is this machine online?"
  for service in postfix dovecot kannel; do
    [ -e "/etc/$service" ] || fresh="$fresh $service"
  done
  # shellcheck disable=SC2086
  without_starting_services as_root apt-get install -y -qq --no-install-recommends $wanted \
    </dev/null >/tmp/kanal-apt.$$ 2>&1 || { tail -20 /tmp/kanal-apt.$$ >&2
      stop "installing packages failed; the whole log is in /tmp/kanal-apt.$$"; }
  rm -f /tmp/kanal-apt.$$
  if [ -d /run/systemd/system ]; then
    for service in $fresh; do
      if packages "$1" | grep -q "^$service"; then
        as_root systemctl disable --now "$service" >/dev/null 2>&1 || true
      fi
    done
  fi
}

# build PRESET [TARGET…]: configures when needed and builds, with ninja's own progress line. A tree
# that ./run configured has no tests, as their packages may be missing; with KANAL_TESTING=ON it is
# configured again.
build() {
  local preset=$1 testing=${KANAL_TESTING:-OFF} cache="build/$1/CMakeCache.txt" fresh='' home
  shift
  # A tree that came with a moved or copied clone: cmake refuses to build it as it is.
  home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$cache" 2>/dev/null) || true
  [ -z "$home" ] || [ "$home" -ef . ] || fresh=--fresh
  if [ -n "$fresh" ] || [ ! -e "build/$preset/build.ninja" ] ||
    { [ "$testing" = ON ] && ! grep -q '^BUILD_TESTING:BOOL=ON' "$cache"; }; then
    say "Configuring build/$preset"
    cmake $fresh --preset "$preset" -DBUILD_TESTING="$testing" >"/tmp/kanal-cmake.$$" 2>&1 ||
      { cat "/tmp/kanal-cmake.$$" >&2
        stop "configuring failed (above)"; }
    rm -f "/tmp/kanal-cmake.$$"
  fi
  say "Building build/$preset"
  cmake --build --preset "$preset" ${*:+--target "$@"} >&2 || stop "the build failed (above)"
}
