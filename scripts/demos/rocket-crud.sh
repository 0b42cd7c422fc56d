# shellcheck shell=bash
# shellcheck disable=SC2154  # `work` and such are those of scripts/demo
# Sourced by scripts/demo. A morning of the users service: good requests and
# bad ones, and no word about tracing in any handler.

# say WORDS...: a heading for what comes.
say() { printf '\n%s\n' "$*" >&2; }

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
  users=$(address rocket-crud "listens on ")

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
