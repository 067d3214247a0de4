#!/usr/bin/env bash
# Measures the program on the embedded API server and prints figures with ratios; nothing passes or fails.
#
# usage: tests/bench/run.sh BUILD_DIR [PODS]             (./dev bench [PODS])
#        tests/bench/run.sh BUILD_DIR growth             (./dev bench growth)
#        tests/bench/run.sh BUILD_DIR log                (./dev bench log)
#        tests/bench/run.sh BUILD_DIR server [CONTEXT]   (./dev bench server)
#
# PODS: everything with so many generated pods, on loopback. growth: list, memory and storms at 1,000, 10,000 and 100,000 pods.
# log: section 2d alone, a log of 10 million lines from a file.
# server: the list of the cluster of the kubeconfig, beside curl of the same bytes and kubectl; nothing is changed there.
# Everything is bounded in time. What is compared with what: docs/performance.md.
set -euo pipefail

build=${1:?usage: run.sh BUILD_DIR [PODS]}
mode=pods
pods=${2:-5000}
case $pods in
    growth | log | server) mode=$pods ;;
    '' | *[!0-9]* | 0) echo "run.sh: PODS is a number, growth, log or server" >&2; exit 2 ;;
esac
build=$(cd "$build" && pwd)
iw=$build/initwatch
bench=$build/tests
runs=5 log_lines=200000
work=$(mktemp -d)
server_pid= tls_pid=
finish() {
    [ -z "$tls_pid" ] || kill "$tls_pid" 2>/dev/null || true
    [ -z "$server_pid" ] || { kill "$server_pid" 2>/dev/null || true; wait "$server_pid" 2>/dev/null || true; }
    rm -rf "$work"
}
trap finish EXIT
if [ "$mode" = server ]; then
    export XDG_STATE_HOME=$work
else
    export HOME=$work XDG_STATE_HOME=$work XDG_CONFIG_HOME=$work XDG_CACHE_HOME=$work XDG_RUNTIME_DIR=$work
    unset KUBECONFIG
fi

heading() { printf '\n%s\n' "$1"; }

# measure NAME RUNS COMMAND...: "NAME median min max cpu rss" to $work/NAME, a line for people to stdout.
measure() {
    local name=$1 count=$2
    shift 2
    if ! "$bench/bench_command" "$count" "$@" >"$work/$name" 2>"$work/$name.err"; then
        printf '  %-34s failed: %s\n' "$name" "$(tail -1 "$work/$name.err")"
        echo "0 0 0 0 0" >"$work/$name"
        return 0
    fi
    awk -v name="$name" '{ printf "  %-34s %8.0f ms  (%.0f to %.0f)  cpu %6.0f ms  peak RSS %7.1f MiB\n", name, $1, $2, $3, $4, $5 / 1024 }' "$work/$name"
}

# ratio WHAT A B COLUMN: A against B.
ratio() {
    paste "$work/$2" "$work/$3" 2>/dev/null |
        awk -v what="$1" -v a="$2" -v b="$3" -v c="$4" '$c > 0 && $(c + 5) > 0 { printf "  %-34s %8.2f x  (%s / %s)\n", what, $c / $(c + 5), a, b }'
}

start_server() {
    rm -f "$work/hold" "$work/ready"
    # Its standard input is a pipe that this shell holds: the server ends with it, however this shell ends.
    mkfifo "$work/hold" "$work/ready"
    "$iw" demo --serve 127.0.0.1:0 --synthetic-pods "$pods" --seed 7 --die-with-stdin resources <"$work/hold" >"$work/ready" &
    server_pid=$!
    exec 8>"$work/hold" 9<"$work/ready"
    local line
    read -r -t 20 line <&9 || { echo "run.sh: the demo server did not start" >&2; exit 1; }
    kubeconfig=$(sed 's/.*"kubeconfig":"\([^"]*\)".*/\1/' <<<"$line")
    url=$(sed 's/.*"server":"\([^"]*\)".*/\1/' <<<"$line")
}

stop_server() {
    exec 8>&- 9<&-
    wait "$server_pid" 2>/dev/null || true
    server_pid=
}

# Held by this shell alone: a command that inherits the pipe would keep the server alive.
run() { "$@" 7>&- 8>&- 9<&-; }
protobuf='Accept: application/vnd.kubernetes.protobuf'

# The list as kubectl, curl and we take it. curl_list NAME HEADER; its URL and credentials are in $list.
curl_list() {
    run measure "$1" "$runs" curl -sf -H "$2" "${list[@]}" -o /dev/null
}
compare_lists() {
    run measure initwatch-get "$runs" "$iw" get -A --no-headers "$@"
    run measure initwatch-json "$runs" "$iw" get -A --no-headers --wire json "$@"
    curl_list curl-protobuf "$protobuf"
    curl_list curl-json 'Accept: application/json'
    if command -v kubectl >/dev/null; then
        run measure kubectl-get 1 kubectl get pods -A --server-print=false -o name "$@"
    fi
    ratio "time" initwatch-get curl-protobuf 1
    ratio "time" initwatch-json curl-json 1
    ratio "time" initwatch-get initwatch-json 1
    if [ -s "$work/kubectl-get" ]; then
        ratio "time" initwatch-get kubectl-get 1
        ratio "CPU" initwatch-get kubectl-get 4
        ratio "memory" initwatch-get kubectl-get 5
    fi
}
storms() {
    awk '
        $1 == "idle_cpu_ms_per_s" { printf "  %-34s %8.2f %% of a core\n", "CPU, no events", $2 / 10 }
        $1 == "storm_cpu_ms_per_s" { printf "  %-34s %8.2f %% of a core\n", "CPU, " $2 " events a second", $3 / 10 }
        $1 == "storm_event_ms" { printf "  %-34s %8.1f ms  (p50 of %d; p99 %s, most %s)\n", "event to screen, 300 a second", $2, $5, $3, $4 }
        $1 == "storm_event_run_ms" { printf "  %-34s %8.1f ms  (p50 of %d; p99 %s, most %s)\n", "  less what was waited for a CPU", $2, $5, $3, $4 }
        $1 == "rss_kib" { printf "  %-34s %8.1f MiB\n", "peak RSS after the storms", $2 / 1024 }' "$1"
}

# What bench_screen says of the dashboard.
dashboard() {
    awk '
        $1 == "first_frame_ms" { printf "  %-34s %8.1f ms  (p50 of %d; most %s)\n", "first frame, no server", $2, $5, $4 }
        $1 == "list_ms" { printf "  %-34s %8.0f ms\n", "start to complete list, keys pressed", $2 }
        $1 == "list_cpu_ms" { printf "  %-34s %8.0f ms\n", "  CPU of it", $2 }
        $1 == "key_ms" { printf "  %-34s %8.1f ms  (p50 of %d; p99 %s, most %s)\n", "key to frame while it lists", $2, $5, $3, $4 }
        $1 ~ /^key_(move|scroll|page|redraw)_ms$/ { printf "  %-34s %8.1f ms  (p50 of %d; p99 %s, most %s)\n", "key to frame: " substr($1, 5, length($1) - 7), $2, $5, $3, $4 }
        $1 ~ /^key_(move|scroll|page|redraw)_bytes$/ { printf "  %-34s %8.0f bytes  (p50 of %d; most %.0f)\n", "  to the terminal", $2, $5, $4 }
        $1 == "event_ms" { printf "  %-34s %8.1f ms  (p50 of %d; p99 %s, most %s)\n", "watch event to screen", $2, $5, $3, $4 }
        $1 == "event_bytes" { printf "  %-34s %8.0f bytes  (p50 of %d; most %.0f)\n", "  to the terminal", $2, $5, $4 }
        $1 == "idle_cpu_ms_per_s" { printf "  %-34s %8.2f ms a second (%.2f %% of one CPU)\n", "idle: CPU", $2, $2 / 10 }
        $1 == "idle_wakeups_per_s" { printf "  %-34s %8.1f a second\n", "idle: wake-ups", $2 }
        $1 == "idle_bytes_per_s" { printf "  %-34s %8.0f bytes a second\n", "idle: to the terminal", $2 }
        $1 == "idle_writes_per_s" { printf "  %-34s %8.1f a second\n", "idle: writes", $2 }
        $1 == "list_rss_kib" { printf "  %-34s %8.1f MiB\n", "peak RSS after the list", $2 / 1024 }' "$1"
}

# started NAME COMMAND...: from the start to the first request on the wire.
started() {
    local name=$1
    shift
    "$bench/bench_start" 15 "$@" 2>/dev/null | awk -v name="$name" '{ printf "  %-34s %8.1f ms  (p50 of 15; %.1f to %.1f)  cpu %.1f ms\n", name, $4, $5, $6, $7; ok = 1 } END { if (!ok) printf "  %-34s failed\n", name }'
}

# A CPU for itself where that is allowed: else the wall time is the share that other processes leave.
alone=()
if chrt -r 10 true 2>/dev/null; then alone=(chrt -r 10); fi

# start_line DELAY_MS BYTES_PER_S: a slow line in front of the server; $line_url and $work/line.kubeconfig go through it.
start_line() {
    local port line_port
    port=$(sed 's|.*://[^:/]*:\([0-9]*\)/.*|\1|' <<<"$url/")
    rm -f "$work/line" "$work/line-port"
    mkfifo "$work/line" "$work/line-port"
    "$bench/bench_slowlink" "$port" "$@" <"$work/line" >"$work/line-port" 8>&- 9<&- &
    line_pid=$!
    exec 7>"$work/line"
    read -r -t 5 line_port <"$work/line-port"
    line_url=${url/:$port\//:$line_port/}
    sed "s|:$port/|:$line_port/|" "$kubeconfig" >"$work/line.kubeconfig"
}
stop_line() { exec 7>&-; }

# --- a log from a file ---

# Opened, searched and filtered, without a server.
log_file() {
    heading "2d a log of 10 million lines from a file: opened, searched, filtered"
    "$bench/bench_log" --make 10000000 "$work/big.log"
    "$bench/bench_log" "$work/big.log" 4096 "" 'upstream timeout' 'error.*took=9[0-9]+ms' 'no such words' >"$work/log-memory"
    "$bench/bench_log" "$work/big.log" 64 "$work" 'upstream timeout' >"$work/log-spill"
    awk '
        $1 == "take_in" { printf "  %-34s %8.0f ms  (%d lines, peak RSS %.0f MiB)\n", "taken in, all in memory", $2, $3, $5 / 1024 }
        $1 == "search" { ms = $2; n = $3; $1 = $2 = $3 = ""; sub(/ \(slice.*/, "")
            printf "  %-34s %8.0f ms  (%d lines)\n", "search" substr($0, 3), ms, n }
        $1 == "filter" { ms = $2; n = $3; slice = $4; cpu = $5; $1 = $2 = $3 = $4 = $5 = ""
            printf "  %-34s %8.0f ms  (%d lines, a key waits %.0f ms at most, %.1f of CPU)\n", "filter" substr($0, 5), ms, n, slice, cpu }
        $1 == "levels" { printf "  %-34s %8.0f ms\n", "levels, folds, traces, histogram", $2 }' "$work/log-memory"
    awk '
        $1 == "take_in" { printf "  %-34s %8.0f ms  (peak RSS %.0f MiB)\n", "taken in, 64 MiB and a spill file", $2, $5 / 1024 }
        $1 == "search" { printf "  %-34s %8.0f ms\n", "  search in it", $2 }' "$work/log-spill"
    # Behind a pipe: into /dev/null grep stops at its first match.
    measure grep-timeout 1 sh -c "grep -c 'upstream timeout' '$work/big.log' | cat"
    measure grep-regex 1 sh -c "grep -cE 'error.*took=9[0-9]+ms' '$work/big.log' | cat"
    if command -v less >/dev/null; then
        # The 39th line that is kept is the last one on a screen of 40 rows.
        run timeout 900 "$bench/bench_less" "$work/big.log" 02:46:39.999 'upstream timeout' 00:00:38.017 | awk '
            BEGIN { say["open"] = "opened"; say["end"] = "G: to the last line"; say["search"] = "/: a text that is nowhere"
                say["filter"] = "&: the first screen of a filter"; say["filter_search"] = "  a search in what it leaves" }
            { printf "  %-34s %8.0f ms\n", "less, " say[$1], $2 }'
    fi
    if command -v lnav >/dev/null; then
        TERM=xterm measure lnav-filter 1 lnav -N -n -c ':filter-in upstream timeout' "$work/big.log" </dev/null
    fi
    rm -f "$work/big.log"
}

if [ "$mode" = log ]; then
    log_file
    exit 0
fi

# --- growth ---

if [ "$mode" = growth ]; then
    runs=3
    for pods in 1000 10000 100000; do
        start_server
        export KUBECONFIG=$kubeconfig
        list=("$url/api/v1/pods")
        heading "$pods pods"
        run measure initwatch-get "$runs" "$iw" get -A --no-headers
        curl_list curl-protobuf "$protobuf"
        awk -v n="$pods" '$1 > 0 { printf "  %-34s %8.0f pods/s\n", "initwatch-get", n * 1000 / $1 }' "$work/initwatch-get"
        ratio "time" initwatch-get curl-protobuf 1
        run timeout 400 "$bench/bench_screen" live "$iw" "$kubeconfig" "$url" "$pods" "$server_pid" >"$work/screen" || echo "  a part failed"
        awk -v n="$pods" '
            $1 == "list_ms" { printf "  %-34s %8.0f ms\n", "dashboard: complete list", $2 }
            $1 == "list_rss_kib" { printf "  %-34s %8.1f MiB  (%.0f bytes a pod above 13 MiB)\n", "dashboard: peak RSS after it", $2 / 1024, ($2 - 13312) * 1024 / n }' "$work/screen"
        storms "$work/screen"
        stop_server
    done
    exit 0
fi

# --- a real server ---

if [ "$mode" = server ]; then
    # One file for everybody; the credentials in it go with the folder.
    (umask 077 && kubectl config view --raw --minify --flatten ${3:+--context "$3"} >"$work/server.kubeconfig")
    export KUBECONFIG=$work/server.kubeconfig
    # kubectl gives curl what it needs: the address and a way through whatever authentication there is.
    mkfifo "$work/proxy"
    kubectl proxy --port=0 --append-server-path >"$work/proxy" &
    server_pid=$!
    exec 9<"$work/proxy"
    read -r -t 20 line <&9 || { echo "run.sh: kubectl proxy did not start" >&2; exit 1; }
    list=("http://${line##* }/api/v1/pods")
    printf 'curl asks through kubectl proxy, which costs it a copy; initwatch and kubectl ask the server.\n'
    heading "complete list of $(kubectl config current-context)"
    compare_lists
    found=$(run "$iw" get -A --no-headers | wc -l)
    awk -v n="$found" '$1 > 0 { printf "  %-34s %8.0f pods/s  (%d pods)\n", "initwatch-get", n * 1000 / $1, n }' "$work/initwatch-get"
    heading "the dashboard, 140x40"
    run timeout 120 "$bench/bench_screen" live "$iw" "$KUBECONFIG" >"$work/screen" || echo "  a part failed"
    dashboard "$work/screen"
    exit 0
fi

# --- everything, on generated pods ---

start_server
export KUBECONFIG=$kubeconfig
list=("$url/api/v1/pods")

run curl -sf "$url/api/v1/pods?limit=200" -o "$work/pods.json"
run curl -sf -H "$protobuf" "$url/api/v1/pods?limit=200" -o "$work/pods.pb"
bytes=$(run curl -sf "$url/api/v1/pods" | wc -c)
printf 'initwatch bench: %s pods, %s MB of JSON, %s runs, %s CPUs, %s\n' "$pods" "$((bytes / 1000000))" "$runs" "$(nproc)" "$("$iw" version)"
printf 'The server is this program as well and renders every list anew: its time is in all figures of a section.\n'

# first_in_line COMMAND...: with the server and the command before all other processes, where that is allowed.
first_in_line() {
    [ ${#alone[@]} -gt 0 ] && chrt -r -p 10 "$server_pid" || return 0
    "$@"
    chrt -o -p 0 "$server_pid"
}
lists_first_in_line() {
    echo "  the same, before all other processes, and so the server:"
    run measure initwatch-get-first "$runs" "${alone[@]}" "$iw" get -A --no-headers
    run measure curl-protobuf-first "$runs" "${alone[@]}" curl -sf -H "$protobuf" "${list[@]}" -o /dev/null
    ratio "time" initwatch-get-first curl-protobuf-first 1
    ratio "CPU" initwatch-get-first curl-protobuf-first 4
}
dashboard_first_in_line() {
    echo "  the same, before all other processes, and so the server:"
    run "${alone[@]}" timeout 400 "$bench/bench_screen" live "$iw" "$kubeconfig" "$url" "$pods" "$server_pid" >"$work/screen" || echo "  a part failed"
    dashboard "$work/screen"
    storms "$work/screen"
}

heading "1  complete list, from process start"
compare_lists
first_in_line lists_first_in_line

heading "1b the same at the rate of a real API server: 136 MB/s"
start_line 0 136000000
list=("$line_url/api/v1/pods")
KUBECONFIG=$work/line.kubeconfig run measure initwatch-get-paced "$runs" "$iw" get -A --no-headers
curl_list curl-protobuf-paced "$protobuf"
ratio "time" initwatch-get-paced curl-protobuf-paced 1
if [ ${#alone[@]} -gt 0 ] && chrt -r -p 10 "$line_pid"; then
    KUBECONFIG=$work/line.kubeconfig first_in_line lists_first_in_line
fi
stop_line

heading "1c from the start of the program to its first request"
started "initwatch get" "$iw" get -A
started "initwatch, the dashboard" "$iw"
started "curl" curl -s '{URL}'
if [ ${#alone[@]} -gt 0 ]; then
    echo "  the same, before all other processes:"
    started "  initwatch get" "${alone[@]}" "$iw" get -A
    started "  initwatch, the dashboard" "${alone[@]}" "$iw"
    started "  curl" "${alone[@]}" curl -s '{URL}'
fi

# The same server behind a proxy that speaks TLS and HTTP/2, as API servers do; what the proxy costs is in both figures.
lists_over_tls() {
    if ! command -v nghttpx >/dev/null || ! command -v openssl >/dev/null; then
        echo "  not measured: this needs nghttpx (package nghttp2-proxy) and openssl"
        return 0
    fi
    local port tls_port
    port=$(sed 's|.*://[^:/]*:\([0-9]*\)/.*|\1|' <<<"$url/")
    tls_port=$((port > 40000 ? port - 20000 : port + 20000))
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/tls.key" -out "$work/tls.crt" -days 2 \
        -subj /CN=bench -addext subjectAltName=IP:127.0.0.1 2>/dev/null
    nghttpx --conf=/dev/null --frontend="127.0.0.1,$tls_port" --backend="127.0.0.1,$port" --workers=1 --no-ocsp "$work/tls.key" "$work/tls.crt" \
        >/dev/null 2>&1 7>&- 8>&- 9<&- &
    tls_pid=$!
    sed "s|http://\([^:]*\):$port/\([^\"]*\"\)|https://\1:$tls_port/\2, certificate-authority: $work/tls.crt|" "$kubeconfig" >"$work/tls.kubeconfig"
    list=(--cacert "$work/tls.crt" --retry 20 --retry-connrefused --retry-delay 1 "${url/http:\/\/127.0.0.1:$port/https:\/\/127.0.0.1:$tls_port}/api/v1/pods")
    run curl -s "${list[@]}" -o /dev/null || true
    curl_list curl-tls "$protobuf"
    KUBECONFIG=$work/tls.kubeconfig run measure initwatch-get-tls "$runs" "$iw" get -A --no-headers
    ratio "time" initwatch-get-tls curl-tls 1
    ratio "CPU" initwatch-get-tls curl-tls 4
    kill "$tls_pid" 2>/dev/null || true
    tls_pid=
}
heading "1d the complete list over TLS and HTTP/2"
lists_over_tls

heading "2  log lines taken in ($log_lines lines)"
run measure initwatch-logs "$runs" "$iw" logs bench-5f7d8c9b6-00000 -n bench-00 -c server --tail "$log_lines"
run measure curl-log "$runs" curl -sf "$url/api/v1/namespaces/bench-00/pods/bench-5f7d8c9b6-00000/log?container=server&tailLines=$log_lines" -o /dev/null
if command -v kubectl >/dev/null; then
    run measure kubectl-logs "$runs" kubectl logs bench-5f7d8c9b6-00000 -n bench-00 -c server --tail "$log_lines"
fi
awk -v n="$log_lines" '$1 > 0 { printf "  %-34s %8.0f lines/s\n", "initwatch-logs", n * 1000 / $1 }' "$work/initwatch-logs"
ratio "time" initwatch-logs curl-log 1
[ ! -s "$work/kubectl-logs" ] || ratio "time" initwatch-logs kubectl-logs 1

heading "2b a log of 1 GB over HTTP: the log view's path, the socket alone, curl"
run "$bench/bench_logs" intake 1000 >"$work/intake"
awk '{ printf "  %-34s %12s\n", $1, $2 }' "$work/intake"
if [ ${#alone[@]} -gt 0 ]; then
    echo "  the same, before all other processes:"
    run "${alone[@]}" "$bench/bench_logs" intake 1000 | awk '{ printf "    %-32s %12s\n", $1, $2 }'
fi
mkfifo "$work/hold-log"
run "${alone[@]}" "$bench/bench_logs" serve 1000 <"$work/hold-log" >"$work/log-url" &
exec 7>"$work/hold-log"
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s "$work/log-url" ] && break; sleep 0.1; done
run measure curl-gigabyte 3 "${alone[@]}" curl -sf "$(cat "$work/log-url")" -o /dev/null
exec 7>&-
awk '$1 > 0 { printf "  %-34s %8.0f MB/s\n", "curl", 1e6 / $1 }' "$work/curl-gigabyte"

log_file

heading "2c lines on the screen: from sent to shown, and a key's frame while they come"
run "$bench/bench_logscreen" "$iw" | awk '
    $1 == "lines_per_s" { printf "  at %s lines a second\n", $2 }
    $1 != "lines_per_s" { printf "    %-32s %8s ms  (p50 of %s; p99 %s, most %s)\n", $1, $2, $5, $3, $4 }'

heading "3  the dashboard, 140x40, $pods pods"
run "$bench/bench_screen" first "$iw" >"$work/screen" || true
run timeout 400 "$bench/bench_screen" live "$iw" "$kubeconfig" "$url" "$pods" "$server_pid" >>"$work/screen" || echo "  a part failed"
dashboard "$work/screen"
storms "$work/screen"
first_in_line dashboard_first_in_line

heading "4  frames of the pod list alone, by the number of pods"
run "$bench/bench_frame"

heading "4b frames of every view, 200x60, 10,000 pods (CPU)"
run "$bench/bench_views"

heading "5  a slow line: 100 ms round trip, 10 Mbit/s"
start_line 50 1250000
run timeout 100 "$bench/bench_screen" slow "$iw" "$work/line.kubeconfig" >"$work/slow" || echo "  no rows within 20 s"
awk '
    $1 == "slow_first_row_ms" { printf "  %-34s %8.0f ms\n", "start to the first rows", $2 }
    $1 == "slow_list_ms" { printf "  %-34s %8.0f ms\n", "start to complete list", $2 }
    $1 == "slow_key_ms" { printf "  %-34s %8.1f ms  (p50 of %d; p99 %s, most %s)\n", "key to frame while it lists", $2, $5, $3, $4 }' "$work/slow"
stop_line

heading "6  decoding alone, one core: JSON, then protobuf"
run "$bench/bench_decode" "$work/pods.json" 20
run "$bench/bench_decode_pb" "$work/pods.pb" 20
if command -v valgrind >/dev/null; then
    # Two runs that differ by one round: what starting costs falls out.
    instructions() {
        run valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench/$1" "$2" "$3" 2>&1 |
            sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
    }
    for what in "JSON bench_decode $work/pods.json" "protobuf bench_decode_pb $work/pods.pb"; do
        read -r name program file <<<"$what"
        one=$(instructions "$program" "$file" 1) two=$(instructions "$program" "$file" 2)
        printf '  %-28s %7.0f thousand\n' "instructions a pod, $name" "$(awk -v a="$one" -v b="$two" 'BEGIN { print (b - a) / 200 / 1000 }')"
    done
fi

heading "6b a recording: made, opened, gone back in (CPU)"
run "$bench/bench_record" "$work/pods.json" 10000

heading "7  the simulator: 1000 pods that never rest, from their creation on; one watcher in JSON, two in protobuf"
"$(dirname "$0")/churn.sh" >"$work/churn.yaml"
mkfifo "$work/hold-churn" "$work/ready-churn"
"$iw" demo --serve 127.0.0.1:0 --seed 7 --die-with-stdin -f "$work/churn.yaml" <"$work/hold-churn" >"$work/ready-churn" 8>&- 9<&- &
churn_pid=$!
exec 6>"$work/hold-churn" 5<"$work/ready-churn"
if read -r -t 20 line <&5; then
    churn_url=$(sed 's/.*"server":"\([^"]*\)".*/\1/' <<<"$line")
    protobuf='Accept: application/vnd.kubernetes.protobuf;stream=watch'
    run timeout 90 curl -sfN "$churn_url/api/v1/pods?watch=1&allowWatchBookmarks=true" -o "$work/churn" 5<&- 6>&- &
    run timeout 90 curl -sfN -H "$protobuf" "$churn_url/api/v1/pods?watch=1&allowWatchBookmarks=true" -o /dev/null 5<&- 6>&- &
    run timeout 90 curl -sfN -H "$protobuf" "$churn_url/api/v1/events?watch=1&allowWatchBookmarks=true" -o /dev/null 5<&- 6>&- &
    # in steps of ten seconds: the longest answer to a request meanwhile, and the CPU time
    before=$(awk '{ print $14 + $15 }' "/proc/$churn_pid/stat")
    for _ in 1 2 3 4 5 6 7 8; do
        for _ in $(seq 20); do
            sleep 0.5
            curl -sf -o /dev/null -w '%{time_total}\n' "$churn_url/version" 5<&- 6>&- >>"$work/churn-answers"
        done
        after=$(awk '{ print $14 + $15 }' "/proc/$churn_pid/stat")
        echo $((after - before)) >>"$work/churn-ticks"
        before=$after
    done
    awk -v hz="$(getconf CLK_TCK)" '{ sum += $1; if ($1 > most) most = $1 }
        END { printf "  %-34s %8.1f %% of one CPU  (most in ten seconds %.1f %%)\n", "CPU of 80 s", sum / hz / 80 * 100, most / hz / 10 * 100 }' "$work/churn-ticks"
    sort -n "$work/churn-answers" | awk '{ t[NR] = $1 * 1000 } END { printf "  %-34s %8.1f ms  (p50 of %d; most %.1f)\n", "an answer meanwhile", t[int((NR + 1) / 2)], NR, t[NR] }'
    awk '/^VmHWM/ { printf "  %-34s %8.1f MB\n", "peak RSS", $2 * 1024 / 1e6 }' "/proc/$churn_pid/status"
    printf '  %-34s %8.1f a second\n' "changes of pods" "$(awk -v n="$(wc -l <"$work/churn")" 'BEGIN { print n / 80 }')"
else
    echo "  the server did not start"
fi
exec 5<&- 6>&-
