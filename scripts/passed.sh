# shellcheck shell=bash
# Sourced after guides.sh: remembers, for all clones on this machine, what has
# passed its tests, by what went into them.

# What every stage depends on. A change here runs everything again.
# shellcheck disable=SC2154  # stage.sh sets root and cache
frame=(scripts .cargo Cargo.toml clippy.toml rust-toolchain.toml rustfmt.toml)

# inputs_of STAGE PATH...: a name for the state of these files and the frame;
# nothing while there are changes that are not committed.
inputs_of() {
  local stage=$1
  shift
  [ -z "$(git -C "$root" status --porcelain -- "$@" "${frame[@]}")" ] || return 0
  {
    echo "$stage"
    git -C "$root" ls-files --stage -- "$@" "${frame[@]}"
    uname -sm
  } | git hash-object --stdin
}

# inputs_of_listings NAME LISTING...: likewise of listings, with the crates that
# they name by path and the versions that Cargo.lock has for them.
inputs_of_listings() {
  local name=$1 files=() inputs listing crate
  shift
  for listing in "$@"; do
    while read -r crate; do
      files+=("listings/$crate")
    done < <(path_crates "$listing")
  done
  inputs=$(inputs_of "$name" "${files[@]}")
  [ -n "$inputs" ] || return 0
  {
    echo "$inputs"
    # shellcheck disable=SC2046  # two words a listing
    cargo tree --locked --all-features --target all --prefix none \
      --edges normal,build,dev $(printf ' --package %s' "$@") | sort -u |
      sed "s|$root|.|"
  } | git hash-object --stdin
}

# passed_on INPUTS: when they passed, if they did.
passed_on() {
  [ -n "$1" ] && [ -e "$cache/passed/$1" ] && cat "$cache/passed/$1"
}

# has_passed INPUTS
has_passed() {
  [ -n "$1" ] || return 0
  mkdir -p "$cache/passed"
  date '+%Y-%m-%d %H:%M' >"$cache/passed/$1"
}
