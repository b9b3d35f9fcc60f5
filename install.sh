#!/bin/sh
# Installs the tdauth executable on Linux and macOS:
#
#   curl -fsSL https://github.com/tdauth/tdauth/releases/latest/download/install.sh | sh
#
# It downloads one file and its checksum from the GitHub release, verifies it,
# runs the program once, and only then moves it into place. It writes nothing
# outside the installation directory, and needs no root.
set -eu

usage() {
  cat <<'END'
Installs tdauth, or replaces it with another version.

Usage: install.sh [--version V] [--dir DIR]
       install.sh --uninstall [--dir DIR]

  --version V   install this release, such as 0.1.0 (default: the latest)
  --dir DIR     install to this directory, or set TDAUTH_INSTALL_DIR
                (default: ~/.local/bin)
  --uninstall   remove the program; settings and tokens stay
  --help        show this help

Through a pipe:  curl -fsSL …/install.sh | sh -s -- --version 0.1.0
END
}

say() { printf '%s\n' "$*" >&2; }

# fail WHAT_AND_WHY [HINT]
fail() {
  say "install.sh: $1"
  [ $# -lt 2 ] || say "hint: $2"
  exit 1
}

misused() {
  say "install.sh: $1"
  say "hint: see install.sh --help"
  exit 2
}

has() { command -v "$1" >/dev/null 2>&1; }

# Sets base, and the protocols that a download may use.
choose_source() {
  base=${TDAUTH_RELEASES:-https://github.com/tdauth/tdauth/releases}
  base=${base%/}
  protocols='=https'
  case $base in
    https://?*) return ;;
    http://*) ;;
    *) misused "Cannot use TDAUTH_RELEASES: it is not an https URL" ;;
  esac
  # Plain http is for tests, and only on this machine. Reject everything that
  # can disguise a URL's host (a user name, an escape).
  authority=${base#http://}
  authority=${authority%%/*}
  port=
  case $authority in
    127.0.0.1 | localhost | '[::1]') ;;
    127.0.0.1:* | localhost:*) port=${authority#*:} ;;
    '[::1]':*) port=${authority#'[::1]:'} ;;
    *) misused "Cannot use TDAUTH_RELEASES: http is allowed only on this machine; use https" ;;
  esac
  case $port in
    *[!0-9]*) misused "Cannot use TDAUTH_RELEASES: http is allowed only on this machine; use https" ;;
  esac
  protocols='=http'
}

with_deno="use Deno instead: deno install -gA --name tdauth jsr:@tdauth/tdauth/cli"

# Sets asset: the name of this system's executable in a release.
choose_asset() {
  system=$(uname -s)
  machine=$(uname -m)
  case $system in
    Linux)
      os=linux
      # The executable needs glibc; getconf detects it even if musl's loader is also installed.
      if ! getconf GNU_LIBC_VERSION >/dev/null 2>&1; then
        case $(ldd --version 2>&1 || :) in
          *musl*)
            fail "Cannot install on this Linux: tdauth needs glibc, and this system has musl" \
              "$with_deno (on Alpine, apk add deno installs a Deno for musl)"
            ;;
        esac
      fi
      ;;
    Darwin)
      os=macos
      # A shell under Rosetta sees an Intel machine.
      if [ "$machine" = x86_64 ] &&
        [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || :)" = 1 ]; then
        machine=arm64
      fi
      ;;
    MINGW* | MSYS* | CYGWIN* | Windows*)
      fail "Cannot install on Windows from here" \
        "in PowerShell: irm https://github.com/tdauth/tdauth/releases/latest/download/install.ps1 | iex"
      ;;
    *) fail "Cannot install on $system: there is no executable for it" "$with_deno" ;;
  esac
  case $machine in
    x86_64 | amd64) cpu=x64 ;;
    aarch64 | arm64) cpu=arm64 ;;
    *) fail "Cannot install on $system $machine: there is no executable for it" "$with_deno" ;;
  esac
  # A 64-bit kernel can run a 32-bit system, as on some Raspberry Pis.
  if [ "$os" = linux ] && [ "$(getconf LONG_BIT 2>/dev/null || :)" = 32 ]; then
    fail "Cannot install on a 32-bit system: there is no executable for it"
  fi
  asset=tdauth-$os-$cpu
}

# Sets downloader and hasher.
choose_tools() {
  if has curl; then
    downloader=curl
  elif has wget; then
    # BusyBox' wget does not verify certificates.
    case $(wget --version 2>/dev/null || :) in
      *"GNU Wget"*) downloader=wget ;;
      *) fail "Cannot download: this wget does not verify certificates" "install curl" ;;
    esac
  else
    fail "Cannot download: there is neither curl nor wget" "install curl"
  fi
  if has sha256sum; then
    hasher=sha256sum
  elif has shasum; then
    hasher='shasum -a 256'
  elif has openssl; then
    hasher='openssl dgst -sha256 -r'
  else
    fail "Cannot verify the download: there is no sha256sum, shasum or openssl" "install one of them"
  fi
}

# download NAME: downloads a file of the release into the temporary directory.
download() {
  from=$base/$path/$1
  case $downloader in
    curl)
      # On a terminal the long download shows its progress.
      quiet=-sS
      if [ -t 2 ] && [ "$1" = "$asset" ]; then quiet=--progress-bar; fi
      status=$(curl "$quiet" -L -g --proto "$protocols" --tlsv1.2 \
        --retry 2 --connect-timeout 30 --speed-limit 100 --speed-time 30 \
        -w '%{http_code}' -o "$tmp/$1" "$from") || fail "Cannot download $from: curl failed with $?"
      ;;
    wget)
      tls=
      if [ "$protocols" = '=https' ]; then tls=--secure-protocol=TLSv1_2; fi
      code=0
      # --no-hsts: wget would record the host in the home directory.
      wget -nv -S $tls --no-hsts --tries=3 --timeout=30 -O "$tmp/$1" "$from" 2>"$tmp/log" || code=$?
      status=
      while read -r word rest; do
        case $word in
          HTTP/*) status=${rest%% *} ;;
          [Ll]ocation:)
            case $protocols$rest in
              =https[Hh][Tt][Tt][Pp]:*) fail "Cannot download $from: it redirects to an unencrypted address" ;;
            esac
            ;;
        esac
      done <"$tmp/log"
      case $code:$status in
        0:* | 8:[345]*) ;;
        *)
          sed 's/^/  /' "$tmp/log" >&2
          fail "Cannot download $from: wget failed with $code"
          ;;
      esac
      ;;
  esac
  case $status in
    200) ;;
    404)
      if [ "$1" = SHA256SUMS ]; then
        fail "Cannot install ${version:-the latest release}: there is no such release at $base"
      fi
      fail "Cannot install: the release has no $asset"
      ;;
    *) fail "Cannot download $from: the server returned $status" ;;
  esac
}

# Fails unless the downloaded executable has the checksum of the release.
check_sum() {
  expected=
  while read -r sum name || [ -n "$sum" ]; do
    if [ "${name#\*}" = "$asset" ]; then
      expected=$sum
      break
    fi
  done <"$tmp/SHA256SUMS"
  case $expected in
    '') fail "Cannot install: the release has no $asset" ;;
    *[!0-9a-f]*) fail "Cannot verify the download: the release's SHA256SUMS is damaged" ;;
  esac
  download "$asset"
  actual=$($hasher <"$tmp/$asset")
  actual=${actual%% *}
  [ "$actual" = "$expected" ] ||
    fail "Cannot install: the checksum does not match (SHA-256 is $actual, expected $expected)" \
      "nothing was changed; try again, and report it if it persists"
}

# show_path_line: prints the line that adds the program to PATH.
show_path_line() {
  case :$PATH: in
    *:"$dir":*)
      found=$(command -v tdauth || :)
      if [ -n "$found" ] && [ "$found" != "$dir/tdauth" ]; then
        say "Another tdauth comes first on your PATH: $found"
      fi
      return
      ;;
  esac
  # Escapes a name for double quotes, or for fish's single ones.
  quoted=$(printf '%s\n' "$dir" | sed 's/[\\"$`]/\\&/g')
  line="export PATH=\"$quoted:\$PATH\""
  case ${SHELL:-} in
    */zsh) where="${ZDOTDIR:-~}/.zshrc" ;;
    */bash) if [ "$os" = macos ]; then where='~/.bash_profile'; else where='~/.bashrc'; fi ;;
    */fish)
      say "$dir is not on your PATH."
      say "To run it as tdauth, run this once:"
      say "  fish_add_path '$(printf '%s\n' "$dir" | sed "s/[\\\\']/\\\\&/g")'"
      return
      ;;
    *) where='~/.profile' ;;
  esac
  say "$dir is not on your PATH."
  say "To run it as tdauth, add this line to $where, and open a new terminal:"
  say "  $line"
}

clean_up() {
  [ -z "${tmp:-}" ] || rm -rf "$tmp"
  # Remove a directory that was created in vain.
  [ -z "${made:-}" ] || rmdir "$dir" 2>/dev/null || :
}

install_program() {
  choose_source
  choose_asset
  choose_tools
  if [ -n "$version" ]; then path=download/v$version; else path=latest/download; fi
  [ ! -d "$target" ] || fail "Cannot install $target: it is a directory"

  made=
  tmp=
  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if [ ! -d "$dir" ]; then
    mkdir -p "$dir" 2>/dev/null || fail "Cannot create the directory $dir" "choose another with --dir"
    made=yes
  fi
  # Beside the target, so that the last step is an atomic rename.
  tmp=$(mktemp -d "$dir/.tdauth-XXXXXX" 2>/dev/null) ||
    fail "Cannot write to $dir" "choose another directory with --dir"

  say "Downloading $asset ${version:-(latest)} …"
  download SHA256SUMS
  check_sum
  chmod 755 "$tmp/$asset"
  # A program that does not start here must not replace one that does.
  installed=$("$tmp/$asset" --version </dev/null 2>"$tmp/log") || {
    sed 's/^/  /' "$tmp/log" >&2
    fail "Cannot install: the program does not start on this system" "nothing was changed; $with_deno"
  }
  update=
  [ ! -e "$target" ] || update=yes
  mv -f "$tmp/$asset" "$target" || fail "Cannot replace $target"
  made=
  printf '%s is installed: %s\n' "$installed" "$target"
  show_path_line
  [ -n "$update" ] || say "Next: tdauth configure"
}

uninstall_program() {
  if [ -d "$target" ] || { [ ! -e "$target" ] && [ ! -L "$target" ]; }; then
    fail "Cannot uninstall: there is no $target" "set its directory with --dir"
  fi
  rm -f "$target" || fail "Cannot remove $target"
  printf 'Removed %s\n' "$target"
  config=${TD_CONFIG_DIR:-}
  case ${XDG_CONFIG_HOME:-} in
    /*) config=${config:-$XDG_CONFIG_HOME/tdauth} ;;
  esac
  if [ -z "$config" ] && [ "$(uname -s)" = Darwin ]; then
    config="${HOME:-}/Library/Application Support/tdauth"
  fi
  config=${config:-${HOME:-}/.config/tdauth}
  if [ -d "$config" ]; then
    say "Your settings and tokens stay: $config"
    say "Tokens stay valid until they expire, unless \"tdauth logout\" has revoked them."
  fi
}

main() {
  version=
  dir=${TDAUTH_INSTALL_DIR:-}
  action=install_program
  while [ $# -gt 0 ]; do
    case $1 in
      --version | --dir)
        [ $# -ge 2 ] && [ -n "$2" ] || misused "$1 needs a value"
        if [ "$1" = --dir ]; then dir=$2; else version=$2; fi
        shift
        ;;
      --version=*) version=${1#*=} ;;
      --dir=*) dir=${1#*=} ;;
      --uninstall) action=uninstall_program ;;
      --help | -h)
        usage
        return
        ;;
      *) misused "unknown argument $1" ;;
    esac
    shift
  done
  version=${version#v}
  case $version in
    '') ;;
    [!0-9]* | *[!0-9A-Za-z.+-]*) misused "$version is not a version; use one like 0.1.0" ;;
  esac
  if [ -z "$dir" ]; then
    [ -n "${HOME:-}" ] || misused "Cannot find your home directory: HOME is not set; use --dir"
    dir=$HOME/.local/bin
  fi
  case $dir in
    /*) ;;
    *) dir=$PWD/$dir ;;
  esac
  if [ "$dir" != / ]; then dir=${dir%/}; fi
  target=$dir/tdauth
  $action
}

# Because of the braces a truncated script does nothing.
{ main "$@"; }
