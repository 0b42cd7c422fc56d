# shellcheck shell=bash
# shellcheck disable=SC2154  # `work` and such are those of scripts/demo
# Sourced by scripts/demo. Two orders that are served and one that fails.

demo() {
  local shop stock
  local paths=(/orders/1 /orders/1 /orders/3)
  build first-trace otlp-console
  viewer --exit-after ${#paths[@]} --for 30s "$@"
  start stock "$programs/stock"
  stock=$(address stock "listens on ")
  STOCK_URL=$stock start shop "$programs/shop"
  shop=$(address shop "listens on ")

  # The first request pays for the first connection; the second is typical.
  for path in "${paths[@]}"; do
    printf 'GET %-10s ' "$path" >&2
    curl --silent --show-error --max-time 10 "$shop$path" >&2
    printf '\n' >&2
  done
  stop shop
  stop stock
  ended otlp-console
  cat "$work/otlp-console.out"
}
