# shellcheck shell=bash
# shellcheck disable=SC2154  # `work` and such are those of scripts/check
# Sourced by guide.sh. Shows that the programs depend on no receiver of ours:
# runs shop and stock, unchanged, against another real OTLP receiver, over
# http/protobuf and over gRPC, first directly, then through a collector. Asks
# the receiver what arrived: one trace over both services, log records of that
# trace, and the metric http.server.request.duration of each service.
#
# The receiver is ddapm-test-agent, the collector is rotel with the settings of
# backends/rotel/rotel.env; both come from PyPI.

second_receiver() {
  local bin agent_port receiver_http receiver_grpc collector_http collector_grpc
  bin=$(backends/checks/install)
  # What the caller has set for a proxy must not decide where ours goes.
  without_settings ROTEL_
  export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
  free_ports
  start_receiver
  start_collector
  ! judge --within 0 2>/dev/null ||
    fail "the judge finds telemetry before any was sent."

  local protocol
  for protocol in http/protobuf grpc; do
    one_order_to "$protocol" "straight to ddapm-test-agent" \
      "$receiver_http" "$receiver_grpc"
    one_order_to "$protocol" "through rotel" \
      "$collector_http" "$collector_grpc"
  done
}

# All at once, so that no port is chosen twice.
free_ports() {
  local chosen
  chosen=$("$bin/python" - <<'PYTHON'
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(5)]
print(*(s.getsockname()[1] for s in sockets))
PYTHON
  )
  read -r agent_port receiver_http receiver_grpc \
    collector_http collector_grpc <<<"$chosen"
}

start_receiver() {
  start ddapm-test-agent "$bin/ddapm-test-agent" --port "$agent_port" \
    --otlp-http-port "$receiver_http" --otlp-grpc-port "$receiver_grpc" \
    --disable-llmobs-data-forwarding
  listens_at ddapm-test-agent "$receiver_http"
  listens_at ddapm-test-agent "$receiver_grpc"
}

# With the reader's settings, but for the ports.
start_collector() {
  local rotel
  rotel=$(dirname "$("$bin/python" -c 'import rotel; print(rotel.__file__)')")
  # shellcheck disable=SC2016  # that shell expands it
  start rotel env bash -c '
    set -a
    . "$1"
    ROTEL_OTLP_HTTP_ENDPOINT=127.0.0.1:$2
    ROTEL_OTLP_GRPC_ENDPOINT=127.0.0.1:$3
    ROTEL_OTLP_EXPORTER_ENDPOINT=http://127.0.0.1:$4
    exec "$5/rotel-agent" start' rotel "$root/backends/rotel/rotel.env" \
    "$collector_http" "$collector_grpc" "$receiver_http" "$rotel"
  listens_at rotel "$collector_http"
  listens_at rotel "$collector_grpc"
}

# one_order_to PROTOCOL ROUTE HTTP_PORT GRPC_PORT: runs both services, sends a
# request, and stops them: they flush.
one_order_to() {
  local shop stock port=$3
  [ "$1" != grpc ] || port=$4
  echo "$1, $2"
  export OTEL_EXPORTER_OTLP_PROTOCOL=$1 LISTEN_ADDR=127.0.0.1:0
  export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:$port
  judge --clear
  start stock "$programs/stock"
  stock=$(address stock)
  STOCK_URL=$stock start shop "$programs/shop"
  shop=$(address shop)
  curl --silent --show-error --fail --max-time 10 --output /dev/null \
    "$shop/orders/1" || fail "shop did not answer: $(tail "$work/shop.log")"
  stop shop
  stop stock
  judge || fail "not everything arrived over $1, $2."
}

judge() {
  "$bin/python" -B backends/checks/arrived.py \
    "http://127.0.0.1:$receiver_http" "$@"
}
