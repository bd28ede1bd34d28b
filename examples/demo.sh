#!/bin/bash
# demo.sh [FOLDER]: runs the calculator's server and all its clients, shows what each sent, received
# and printed, and fails unless every answer is right. FOLDER has the programs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${1:-$here/../build/release/bin}
node_modules=$here/../tests/interop/node_modules
scratch=$(mktemp -d)
processes=()

cleanup() {
  for process in "${processes[@]}"; do kill "$process" 2>/dev/null || true; done
  rm -rf "$scratch"
}
trap cleanup EXIT

die() { echo "demo: $*" >&2; exit 1; }
title() { printf '\n%s\n' "== $*"; }
number_in() { grep -oE '[0-9]+(/rpc)?$' "$1" | head -1 | tr -d /rpc; }

# start <output> <command...>: in the background; returns when it has printed its first line.
start() {
  local output=$1
  shift
  : >"$output"
  "$@" >>"$output" &
  processes+=($!)
  for _ in $(seq 500); do
    [ -s "$output" ] && return
    kill -0 $! 2>/dev/null || die "$1 did not start"
    sleep 0.02
  done
  die "$1 does not say where it listens"
}

# The Node client, where Node finds the npm package.
[ -d "$node_modules/capnweb" ] || die "the npm packages are missing: ./dev setup"
ln -s "$node_modules" "$scratch/node_modules"
cp "$here/calculator/client.mjs" "$scratch"

expected="5 + 3 = 8
(5 + 3) * 7 = 56
5 - 3: TypeError: 'subtract' is not a function."

# show <scheme> <command...>: runs a client through a relay that notes what passes.
show() {
  local scheme=$1 port relay printed
  shift
  start "$scratch/wire" node "$here/wire.mjs" "$server_port"
  relay=$!
  port=$(number_in "$scratch/wire")
  printed=$("$@" "$scheme://127.0.0.1:$port/rpc") || die "the client failed: $printed"
  kill "$relay"
  wait "$relay"
  tail -n +2 "$scratch/wire"
  sed 's/^/      /' <<<"$printed"
  [ "$printed" = "$expected" ] || die "expected:"$'\n'"$expected"
}

start "$scratch/server" "$bin/calculator-server" 0
server=$!
server_port=$(number_in "$scratch/server")
echo "The calculator's server is $(head -1 "$scratch/server")."
echo "--> is what a client sends, <-- what it gets; below is what it prints."

title "C++ client, one WebSocket"
show ws "$bin/calculator-client"
title "C++ client, one HTTP request"
show http "$bin/calculator-client"
title "Node client with the npm package, one WebSocket"
show ws node "$scratch/client.mjs"
title "Node client with the npm package, one HTTP request"
show http node "$scratch/client.mjs"

title "C++ batch: calls that need each other's results, one HTTP request"
printed=$("$bin/calculator-batch") || die "calculator-batch failed"
sed 's/^/      /' <<<"$printed"
[ "$printed" = "user:    alice, id 7
profile: lives in Paris
post:    First words by user 7
post:    Last words by user 7
3 calls, HTTP requests: 1" ] || die "these are not the right answers"

title "The server's own account, after SIGTERM"
kill "$server"
wait "$server" || die "the server ended with $?"
sed 's/^/      /' "$scratch/server"
[ "$(grep -c '^WebSocket' "$scratch/server") $(grep -c '^HTTP batch' "$scratch/server")" = "2 2" ] ||
  die "there should have been two WebSockets and two batches"

echo
echo "All answers are right."
