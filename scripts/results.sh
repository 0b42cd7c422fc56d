# shellcheck shell=bash
# Sourced after stage.sh by the scripts that write results.

# sign FILE: adds the digest of what a script has written, so that the book's
# tests notice a figure that was changed by hand.
sign() {
  local digest
  if have sha256sum; then
    digest=$(sha256sum <"$1")
  else
    digest=$(shasum -a 256 <"$1")
  fi
  printf '<!-- as measured: %s -->\n' "${digest%% *}" >>"$1"
}
