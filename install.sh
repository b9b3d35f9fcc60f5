#!/bin/sh
# Installs the tdauth executable on Linux and macOS:
#
#   curl -fsSL https://github.com/tdauth/tdauth/releases/latest/download/install.sh | sh
#
# It downloads one file and its checksum from the GitHub release, compares them,
# starts the program once, and only then puts it into place. It writes nothing
# outside the directory it installs into, and needs no root.
set -eu

usage() {
  cat <<'END'
Installs tdauth, or replaces it by another version.

Usage: install.sh [--version V] [--dir DIR]
       install.sh --uninstall [--dir DIR]

  --version V   this release, such as 0.1.0 (default: the latest)
  --dir DIR     where the program goes, also as TDAUTH_INSTALL_DIR
                (default: ~/.local/bin)
  --uninstall   removes the program; settings and tokens are kept
  --help        shows this

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
  say "hint: install.sh --help shows what there is"
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
    *) misused "Cannot use TDAUTH_RELEASES: it is no https URL" ;;
  esac
  # Plain http is for tests, and never leaves the machine. What could make a
  # URL mean another host than it seems to (a user name, an escape) is not let in.
  authority=${base#http://}
  authority=${authority%%/*}
  port=
  case $authority in
    127.0.0.1 | localhost | '[::1]') ;;
    127.0.0.1:* | localhost:*) port=${authority#*:} ;;
    '[::1]':*) port=${authority#'[::1]:'} ;;
    *) misused "Cannot use TDAUTH_RELEASES: http is for this machine alone, use https" ;;
  esac
  case $port in
    *[!0-9]*) misused "Cannot use TDAUTH_RELEASES: http is for this machine alone, use https" ;;
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
      # The executable stands on glibc; getconf tells it even where musl's loader is installed as well.
      if ! getconf GNU_LIBC_VERSION >/dev/null 2>&1; then
        case $(ldd --version 2>&1 || :) in
          *musl*)
            fail "Cannot install on this Linux: tdauth needs glibc, and this system has musl" \
              "$with_deno (on Alpine, apk add deno gets a Deno that runs)"
            ;;
        esac
      fi
      ;;
    Darwin)
      os=macos
      # A shell under Rosetta is told that this is an Intel machine.
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
  # A 64-bit kernel can carry a 32-bit system, as on some Raspberry Pis.
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
    # The wget of BusyBox does not look at certificates.
    case $(wget --version 2>/dev/null || :) in
      *"GNU Wget"*) downloader=wget ;;
      *) fail "Cannot download: this wget does not check certificates" "install curl" ;;
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
    fail "Cannot check the download: there is no sha256sum, shasum or openssl" "install one of them"
  fi
}

# download NAME: the file of the release into the temporary directory.
download() {
  from=$base/$path/$1
  case $downloader in
    curl)
      # On a terminal the long download shows how far it is.
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
      # --no-hsts: wget would note the host in the home directory.
      wget -nv -S $tls --no-hsts --tries=3 --timeout=30 -O "$tmp/$1" "$from" 2>"$tmp/log" || code=$?
      status=
      while read -r word rest; do
        case $word in
          HTTP/*) status=${rest%% *} ;;
          [Ll]ocation:)
            case $protocols$rest in
              =https[Hh][Tt][Tt][Pp]:*) fail "Cannot download $from: it leads to an address without encryption" ;;
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
    *) fail "Cannot download $from: the server answered $status" ;;
  esac
}

# Fails unless the downloaded executable has the checksum that the release says.
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
    *[!0-9a-f]*) fail "Cannot check the download: the release's SHA256SUMS is damaged" ;;
  esac
  download "$asset"
  actual=$($hasher <"$tmp/$asset")
  actual=${actual%% *}
  [ "$actual" = "$expected" ] ||
    fail "Cannot install: the download is not what the release says (its SHA-256 is $actual, not $expected)" \
      "nothing was changed; try again, and if it stays so, tell the maintainers"
}

# show_path_line: what makes the shell find the program.
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
  # A name between double quotes, or between fish's single ones.
  quoted=$(printf '%s\n' "$dir" | sed 's/[\\"$`]/\\&/g')
  line="export PATH=\"$quoted:\$PATH\""
  case ${SHELL:-} in
    */zsh) where="${ZDOTDIR:-~}/.zshrc" ;;
    */bash) if [ "$os" = macos ]; then where='~/.bash_profile'; else where='~/.bashrc'; fi ;;
    */fish)
      say "$dir is not on your PATH."
      say "To be found as tdauth, run this once:"
      say "  fish_add_path '$(printf '%s\n' "$dir" | sed "s/[\\\\']/\\\\&/g")'"
      return
      ;;
    *) where='~/.profile' ;;
  esac
  say "$dir is not on your PATH."
  say "To be found as tdauth, add this line to $where, and open a new terminal:"
  say "  $line"
}

clean_up() {
  [ -z "${tmp:-}" ] || rm -rf "$tmp"
  # A directory that was made for nothing goes again.
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
    mkdir -p "$dir" 2>/dev/null || fail "Cannot make the directory $dir" "choose another with --dir"
    made=yes
  fi
  # Beside the target, so that the last step is one rename.
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
    fail "Cannot uninstall: there is no $target" "name its directory with --dir"
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
    say "Your settings and tokens are kept: $config"
    say "Tokens that \"tdauth logout\" has not ended stay valid until they expire."
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
    [!0-9]* | *[!0-9A-Za-z.+-]*) misused "$version is no version; one looks like 0.1.0" ;;
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

# The braces make a script that was cut anywhere before its end do nothing.
{ main "$@"; }
