# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the scripts that source this share names
# What the scripts know of this guide. The demo: three clients, a service that
# fails, and GraphQL with its batches off and on.

servers=(redis)
features=(bff/redis)
demo_shows=("bff.batch.size=1 " "bff.batch.size=4" "bff.cache.result=hit"
  "bff.degraded=recommendations")
copy_tests=(--test telemetry)

# ask METHOD PATH [BODY]: sends a request as Ada and prints its status and
# size; the answer alone is in $answer.
ask() {
  local method=$1 path=$2 body=${3:-} options result
  options=(--silent --show-error --max-time 10 -X "$method"
    --cookie "$work/cookies" -H 'X-CSRF: 1')
  [ -z "$body" ] ||
    options+=(-H 'Content-Type: application/json' --data "$body")
  answer=$(curl "${options[@]}" -w '\n%{http_code} %{size_download}' "$bff$path")
  result=${answer##*$'\n'} answer=${answer%$'\n'*}
  printf '  %-5s %-14s  %s, %6s bytes\n' "$method" "$path" \
    "${result% *}" "${result#* }" >&2
}

# field NAME: a list or text of the last answer.
field() { printf '%s' "$answer" | sed -n "s/.*\"$1\":\(\[[^]]*\]\|\"[^\"]*\"\).*/\1/p"; }

# backend ROLE: starts it, and sets $url.
backend() {
  start "$1" "$programs/backend" "$1"
  url=$(address "$1")
}

# serve NAME: starts a BFF, and signs Ada in.
serve() {
  start "$1" "$programs/bff"
  bff=$(address "$1")
  rm -f "$work/cookies"
  curl --silent --show-error --max-time 10 --location --output /dev/null \
    --cookie-jar "$work/cookies" --cookie "$work/cookies" \
    "$bff/auth/login?login_hint=ada"
}

# misbehave URL FAULTS: tells a service what to do wrong.
misbehave() {
  curl --silent --show-error --max-time 10 -X PUT \
    -H 'Content-Type: application/json' --data "$2" "$1/faults"
}

graphql='{"query":"query OrdersWithProducts { orders(first: 4) { id product { title } } }"}'

demo() {
  local bff url product answer
  build bff otlp-console
  viewer "$@"
  backend user && export USER_URL=$url
  backend order && export ORDER_URL=$url
  backend product && export PRODUCT_URL=$url
  product=$url
  backend identity && export IDENTITY_URL=$url

  GRAPHQL_OPERATIONS=open PRODUCT_BATCH=1 serve unbatched
  say "GraphQL without batches: a call for each product."
  ask POST /graphql "$graphql"
  stop unbatched

  GRAPHQL_OPERATIONS=open serve bff
  say "GraphQL with batches: one call for all of them."
  ask POST /graphql "$graphql"
  say "The same person, in three clients:"
  ask GET /web/home
  ask GET /mobile/home
  ask POST /desktop/bulk \
    '{"operations":[{"get":"me"},{"get":"order","id":"o-ada-1"},{"get":"product","id":"p-1"}]}'

  say "The phone again: no call at all."
  ask GET /mobile/home

  say "The product service fails, and the website does without:"
  misbehave "$product" '{"failure":"error"}'
  sleep 5.2 # Until the page of before is old.
  ask GET /web/home
  printf '         degraded: %s\n' "$(field degraded)" >&2

  local program
  for program in bff identity product order user otlp-console; do
    stop "$program"
  done
  say "The traces, as they arrived:"
  cat "$work/otlp-console.out"
}

# Its /graphql by the audits of the npm package graphql-http, which fail unless
# every MUST and every SHOULD of "GraphQL over HTTP" holds, and its page in
# Chromium, as somebody who signs in and out. --screenshots DIR keeps pictures.
check() {
  local bff url node=$tools/node/bin/node
  scripts/install browser
  export CHROMIUM
  CHROMIUM=$(find_browser)
  build bff
  without_settings
  export OTEL_SDK_DISABLED=true LISTEN_ADDR=127.0.0.1:0
  backend user && export USER_URL=$url
  backend order && export ORDER_URL=$url
  backend product && export PRODUCT_URL=$url
  backend identity && export IDENTITY_URL=$url
  GRAPHQL_OPERATIONS=open start bff "$programs/bff"
  bff=$(address bff)
  (cd scripts/browser && "$node" graphql-audit.mjs \
    "$bff/graphql") || fail "the audit found faults."
  "$node" listings/bff/checks/page.mjs "$bff" "$@" ||
    fail "the page is not what it should be."
}
