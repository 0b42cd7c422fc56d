# shellcheck shell=bash
# Sourced after stage.sh: finds the guides, and what each says of itself in its
# guide.sh. CONTRIBUTING.md tells what that file may say.

# guides: the listings that carry a guide, a line each.
guides() {
  local file
  for file in "$root"/listings/*/guide.sh; do
    basename "$(dirname "$file")"
  done
}

# load LISTING: sets what its guide.sh says.
# shellcheck disable=SC2034  # the scripts that source this read it
load() {
  guide=$1
  [ -e "$root/listings/$guide/guide.sh" ] ||
    fail "there is no guide in listings/$guide." "ls $root/listings/*/guide.sh"
  servers=() features=() demo_shows=() copy_tests=()
  unset -f demo check record
  # shellcheck source=/dev/null
  . "$root/listings/$guide/guide.sh"
}

# offers LISTING FUNCTION: whether its guide.sh has it.
offers() { (load "$1" && declare -F "$2" >/dev/null); }

# path_crates LISTING: it, and each listing that it names by path, once.
path_crates() {
  local seen=" " next=("$1") listing
  while [ ${#next[@]} -gt 0 ]; do
    listing=${next[0]}
    next=("${next[@]:1}")
    case $seen in *" $listing "*) continue ;; esac
    seen="$seen$listing "
    echo "$listing"
    while read -r listing; do
      next+=("$listing")
    done < <(sed -n 's|.*path = "\.\./\([a-z0-9-]*\)".*|\1|p' \
      "$root/listings/$listing/Cargo.toml")
  done
}
