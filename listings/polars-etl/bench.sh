# shellcheck shell=bash
# shellcheck disable=SC2154  # the scripts that source this share names
# Sourced by scripts/bench: what is measured here, and into which files.

# Beside Polars in Python, and pandas: what the page compares with.
bench() {
  local what
  local bench=(cargo bench --quiet --package polars-etl --bench polars_etl)
  local python=$tools/peers-polars-2.1.0-pandas-3.1.1-pyarrow-26.0.1
  scripts/install python
  if [ ! -e "$python/ready" ]; then
    rm -rf "$python"
    python3 -m venv "$python"
    "$python/bin/pip" install --quiet --disable-pip-version-check \
      polars==2.1.0 pandas==3.1.1 pyarrow==26.0.1
    touch "$python/ready"
  fi
  export PEERS_PYTHON=$python/bin/python3
  "${bench[@]}" --no-run
  for what in questions filter csv larger overhead api; do
    result "$what.md" "${bench[@]}" -- "$what"
  done
}
