# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the scripts that source this share names
# What the scripts know of this guide. The demo: one greeting, and one that
# nobody gets.

# Words of traces that only they can say.
demo_shows=("greeting.write" "greeting.letters=3")

demo() {
  local service path
  build @NAME@ otlp-console
  viewer "$@"
  start @NAME@ "$programs/@NAME@"
  service=$(address @NAME@)

  for path in /greetings/ada /greetings/; do
    printf 'GET %-15s ' "$path" >&2
    curl --silent --show-error --max-time 10 "$service$path" >&2
    printf '\n' >&2
  done
  stop @NAME@
  # It prints what it still holds when it is asked to end.
  stop otlp-console
  cat "$work/otlp-console.out"
}
