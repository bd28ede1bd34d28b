#!/bin/bash
# Checks the documentation. Prints what is wrong as "file:line: why", and then fails.
#
#   check.sh snippets <root> <page> <compiler> [<flag>...]   its C++ compiles, without warnings
#   check.sh links <root> [<page>...]                        links inside the repository lead somewhere
#   check.sh rules <root>                                    every rule that is cited stands in wire.md
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
verb=$1
cd "$2"
shift 2

check_snippets() {
  local page=$1
  shift
  source=$(mktemp --suffix=.cpp)
  trap 'rm -f "$source"' EXIT
  awk -f "$here/snippets.awk" "$page" >"$source" || return 1
  # A snippet may show a variable and leave it at that; program_main() is no main() to the compiler;
  # and what the page is named for is no header.
  "$@" -fsyntax-only -Wall -Wextra -Werror -Wno-unused-variable -Wno-unused-but-set-variable \
    -Wno-return-type -Wno-unknown-warning-option -Wno-subobject-linkage "$source"
}

# GitHub's anchors: lower case, without punctuation, dashes for spaces.
anchors() {
  sed -n '/^```/,/^```$/d; s/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' |
    sed 's/[^[:alnum:] _-]//g; s/ /-/g'
  grep -o '<a id="[^"]*"' "$1" | sed 's/.*"\(.*\)"/\1/' || true
}

# links <page> prints each link outside of code as "line:](target)".
links() {
  awk '/^ *```/ { in_code = !in_code }
    in_code { next }
    { gsub(/`[^`]*`/, "") }
    { while (match($0, /\]\([^) ]+\)/)) {
        print NR ":" substr($0, RSTART, RLENGTH); $0 = substr($0, RSTART + RLENGTH) } }' "$1"
}

check_links() {
  local status=0 page target path anchor number
  for page in "$@"; do
    while IFS=: read -r number target; do
      target=${target#*](} target=${target%)}
      case $target in http://* | https://* | mailto:*) continue ;; esac
      path=${target%%#*} anchor=
      [[ $target != *#* ]] || anchor=${target#*#}
      if [ -z "$path" ]; then path=$page; else path=$(dirname "$page")/$path; fi
      if [ ! -e "$path" ]; then
        echo "$page:$number: there is no $path"
        status=1
      elif [ -n "$anchor" ] && ! anchors "$path" | grep -qxF -- "$anchor"; then
        echo "$page:$number: $path has no heading #$anchor"
        status=1
      fi
    done < <(links "$page")
  done
  return $status
}

# Rules are cited as M-19; in the names of tests as _M19.
check_rules() {
  local rules missing id
  rules=$(grep -oE '^- \*\*[A-Z]-[0-9]+\*\*' docs/wire.md | grep -oE '[A-Z]-[0-9]+' | sort)
  [ -z "$(uniq -d <<<"$rules")" ] || { echo "docs/wire.md: defined twice: $(uniq -d <<<"$rules")"; return 1; }
  missing=$({
    cited -oE '\b[VMCOERSTLAX]-[0-9]+\b'
    cited -ohE '^TEST(_F|_P)?\([A-Za-z0-9_]+, [A-Za-z0-9_]+' | grep -oE '_[VMCOERSTLAX][0-9]+' |
      sed 's/_\(.\)/\1-/' || true
  } | grep -oE '[A-Z]-[0-9]+$' | sort -u | comm -23 - <(uniq <<<"$rules"))
  [ -n "$missing" ] || return 0
  for id in $missing; do
    { cited -nE "\b$id\b"; cited -nE "_${id/-/}\b"; } | head -1 | cut -d: -f1,2 |
      sed "s/\$/: $id does not stand in docs\/wire.md/"
  done
  return 1
}
cited() {
  grep -r "$@" --exclude-dir=node_modules --include='*.[ch]pp' --include='*.md' --include='*.mjs' \
    --include='*.transcript' src include tests docs examples README.md 2>/dev/null || true
}

"check_$verb" "$@"
