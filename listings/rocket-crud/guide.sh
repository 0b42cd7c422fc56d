# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # the scripts that source this share names
# What the scripts know of this guide. The demo: a morning of the users service,
# good requests and bad ones, and no word about tracing in any handler.

servers=(postgres nginx)
features=(rocket-crud/nginx throwaway/nginx)
# A word for each kind of refusal that there is.
demo_shows=("rocket.forwards=1" " 304" "ERROR 2067" " 412" "PATCH /users"
  "HTTP  SERVER" "GET /exports/users.csv" " 429")
copy_tests=(--test users)

member=not-a-secret-member
admin=not-a-secret-admin

# ask KEY METHOD PATH [OPTIONS...]: sends a request, prints its status, and
# keeps the head and the body of the answer.
ask() {
  local key=$1 method=$2 path=$3 status
  shift 3
  status=$(curl --silent --show-error --max-time 10 -X "$method" \
    -H "Authorization: Bearer $key" -D "$work/head" -o "$work/body" \
    -w '%{http_code}' "$@" "$users$path")
  printf '  %-7s %-24s %s\n' "$method" "${path/$id/ID}" "$status" >&2
}

# json BODY: the options that send it.
json() { options=(-H 'Content-Type: application/json' --data "$1"); }

# header NAME: of the last answer.
header() { sed -n "s/^$1: \(.*\)\r$/\1/Ip" "$work/head"; }

demo() {
  local users options id=- tag program
  build rocket-crud otlp-console
  viewer "$@"
  export DATABASE_URL="sqlite://$work/users.db?mode=rwc" ROCKET_PORT=0
  export RATE_LIMIT_BURST=9 RATE_LIMIT_PER_SECOND=1
  start rocket-crud "$programs/rocket-crud"
  users=$(address rocket-crud)

  say "Ada is added, and read twice. The second time she has not changed."
  json '{"handle":"ada","name":"Ada","email":"ada@example.com"}'
  ask "$member" POST /users "${options[@]}"
  id=$(header Location) tag=$(header ETag)
  ask "$member" GET "$id"
  ask "$member" GET "$id" -H "If-None-Match: $tag"

  say "By her handle: one route passes it on to the next."
  ask "$member" GET /users/ada

  say "A second Ada, and somebody who is nobody:"
  ask "$member" POST /users "${options[@]}"
  json '{"handle":"A","name":"","email":"x"}'
  ask "$member" POST /users "${options[@]}"
  printf '          %s\n' "$(cat "$work/body")" >&2

  say "Without a key, with the wrong one, and with an old version:"
  ask "" GET "$id"
  ask "$member" DELETE "$id" -H "If-Match: $tag"
  ask "$admin" DELETE "$id" -H 'If-Match: "7"'

  say "No such page, no such method, no such HTTP:"
  ask "$member" GET /nowhere
  ask "$member" PATCH /users
  ask "$member" BREW /users

  say "All users, as a file that is made while it is sent:"
  ask "$admin" GET /exports/users.csv
  sed 's/^/          /' "$work/body" >&2

  say "And too often:"
  for _ in $(seq 9); do
    ask "$member" GET /me
    [ -z "$(header Retry-After)" ] || break
  done

  for program in rocket-crud otlp-console; do
    stop "$program"
  done
  say "The traces, as they arrived:"
  cat "$work/otlp-console.out"
}

# With SQLite, the fuzzer drives it by its own OpenAPI document, once with each
# role. --max-examples N: how many requests for each operation.
check() {
  local role url
  scripts/install fuzzer
  build rocket-crud
  without_settings ROCKET_
  export OTEL_SDK_DISABLED=true ROCKET_PORT=0
  export DATABASE_URL="sqlite://$work/users.db?mode=rwc"
  export API_KEYS=admin:ada:the-key-of-the-admin,member:bob:the-key-of-the-member
  # A fuzzer asks often.
  export RATE_LIMIT_PER_SECOND=1000000 RATE_LIMIT_BURST=1000000
  start rocket-crud "$programs/rocket-crud"
  url=$(address rocket-crud)
  for role in admin member; do
    echo "as $role:"
    fuzz rocket-crud "$url" --header "Authorization: Bearer the-key-of-the-$role" \
      --max-examples 40 "$@"
  done
}
