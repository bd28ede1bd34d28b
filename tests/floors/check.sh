#!/bin/bash
# Checks the includes of the tree given as argument: they only go down. Prints each violation as
# "file:line: why" and exits with 1 if there is one.
set -euo pipefail
cd "$1"

violations=$(find src include -name '*.[ch]pp' 2>/dev/null | sort | xargs -r awk '
  BEGIN {
    count = split("value wire cap session api net cli", rooms, " ")
    for (i = 1; i <= count; i++) floor_of[rooms[i]] = i
  }
  function refuse(why) { printf "%s:%d: %s\n", FILENAME, FNR, why }
  FNR == 1 { split(FILENAME, parts, "/"); top = parts[1]; room = parts[2] }
  !/^[ \t]*#[ \t]*include/ { next }
  {
    quoted = /"/
    path = $0
    sub(/^[^<"]*[<"]/, "", path); sub(/[>"].*$/, "", path)
    split(path, target, "/")
  }
  path ~ /^\.\.?\// { refuse("relative include; write the path from src/ or include/"); next }
  path ~ /^(boost|openssl)\// && top == "include" && FILENAME != "include/capnweb/asio.hpp" {
    refuse("public headers may not include Boost or OpenSSL"); next
  }
  path ~ /^(boost|openssl)\// && top == "src" && floor_of[room] < floor_of["net"] {
    refuse(room " may not include Boost or OpenSSL"); next
  }
  path ~ /^(gnutls|ngtcp2|nghttp3)\// && FILENAME !~ /^src\/net\/webtransport\// {
    refuse("only src/net/webtransport may include GnuTLS, ngtcp2 or nghttp3"); next
  }
  path ~ /^CLI\// && room != "cli" { refuse("only cli may include CLI11"); next }
  path ~ /^net\/webtransport\// && FILENAME !~ /^src\/(net\/webtransport|cli)\// {
    refuse("capnweb::webtransport is optional: the rest may not include it"); next
  }
  top == "include" && quoted { refuse("public headers include public headers only, as <capnweb/...>"); next }
  path == "capnweb/asio.hpp" && (top == "include" || floor_of[room] < floor_of["net"]) {
    refuse("only net and above may include <capnweb/asio.hpp>, it brings in Boost"); next
  }
  top == "src" && (path ~ /^(tests|support|gtest|gmock)\//) { refuse("src may not include tests"); next }
  top == "src" && quoted && !(target[1] in floor_of) { refuse("not a room: " target[1]); next }
  top == "src" && quoted && floor_of[target[1]] > floor_of[room] {
    refuse(room " may not include " target[1] ", which stands above it"); next
  }
')
[ -z "$violations" ] || { echo "$violations"; exit 1; }
