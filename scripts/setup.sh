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
  local package native
  native=$(dpkg --print-architecture 2>/dev/null) || true
  for package in $(packages "$1"); do
    # A newer Node.js than Debian's brings its own npm.
    case "$package" in
      nodejs) command -v node >/dev/null && continue ;;
      npm) command -v npm >/dev/null && continue ;;
    esac
    # One of another architecture may be there, too or alone.
    dpkg-query -W -f '${Architecture} ${db:Status-Status}\n' "$package" 2>/dev/null |
      grep -qxE "(all|$native) installed" || echo "$package"
  done
}

# Servers that come with the packages are started by Kanal and its tests alone, on addresses of
# their own: nothing of the distribution's may start here by itself.
without_starting_services() {
  local policy=/usr/sbin/policy-rc.d mark='# While Kanal installs packages' status=0
  local clusters=/etc/postgresql-common/createcluster.d/kanal.conf
  local ours=$clusters
  # One of ours was left behind by a run that was killed.
  if [ ! -e "$policy" ] || grep -q "^$mark" "$policy"; then ours="$ours $policy"; fi
  # shellcheck disable=SC2064
  trap "as_root rm -f $ours" EXIT
  echo 'create_main_cluster = false' | as_root install -D -m 644 /dev/stdin "$clusters"
  [ "$ours" = "$clusters" ] ||
    printf '#!/bin/sh\n%s\nexit 101\n' "$mark" | as_root install -m 755 /dev/stdin "$policy"
  "$@" || status=$?
  # shellcheck disable=SC2086
  as_root rm -f $ours
  trap - EXIT
  return "$status"
}

# update_lists LOG: waits for the system's own daily update, as apt itself does only for packages,
# and tries again where a mirror was in the middle of its own.
update_lists() {
  local tries=30 faults=3
  until as_root apt-get update -qq -o APT::Update::Error-Mode=any >"$1" 2>&1; do
    tries=$((tries - 1))
    grep -q '/lists/lock' "$1" || faults=$((faults - 1))
    [ "$tries" -gt 0 ] && [ "$faults" -gt 0 ] || return 1
    sleep 10
  done
}

# Asks nobody, and so takes nothing away that stands in the way.
apt_install() {
  local options='-y -qq --no-install-recommends --no-remove -o DPkg::Lock::Timeout=300'
  # An installation may have been cut off here.
  as_root dpkg --configure -a || true
  # shellcheck disable=SC2086
  as_root apt-get $options --fix-broken install && as_root apt-get $options install "$@"
}

install_packages() {
  local wanted service log fresh='' doubt=''
  wanted=$(missing_packages "$1")
  [ -n "$wanted" ] || return 0
  # shellcheck disable=SC2086
  command -v apt-get >/dev/null || stop "this script knows Debian 12 only; install:" $wanted
  grep -qs '^12' /etc/debian_version ||
    say "This script knows Debian 12 only: packages may be missing here, or named otherwise"
  say "Installing $(echo "$wanted" | wc -l) packages (this happens once)"
  as_root true
  log=$(mktemp /tmp/kanal-apt.XXXXXX)
  # What is known already may do: one broken source of the machine's stops nothing.
  update_lists "$log" || doubt=$(tail -5 "$log")
  for service in postfix dovecot kannel; do
    [ -e "/etc/$service" ] || fresh="$fresh $service"
  done
  # shellcheck disable=SC2086
  without_starting_services apt_install $wanted </dev/null >>"$log" 2>&1 || {
    tail -20 "$log" >&2
    [ -z "$doubt" ] || say "apt-get update failed, too; is this machine online?" "$doubt"
    stop "installing packages failed; the whole log is in $log"
  }
  rm -f "$log"
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
    [ CMakePresets.json -nt "$cache" ] ||
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
