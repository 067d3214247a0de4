#!/usr/bin/env bash
# Makes screenshots/*.svg and *.png again, films (film-*.svg) among them: the real program in a pseudo-terminal on the demo cluster.
#
# usage: screenshots/make.sh BUILD_DIR [SCRIPT...]     (./dev screenshots)
#
# Each script in screenshots/scripts is played once for every COLSxROWS-LOOK of its "# for:" line. The cluster starts with a
# fixed seed at a fixed moment and the dashboard's clock is that of the cluster, so the pictures have the same content each
# time, nearly always to the byte. A countdown or the age of the last answer can be on the other side of a rounding.
set -euo pipefail
cd "$(dirname "$0")"

build=${1:?usage: make.sh BUILD_DIR [SCRIPT...]}
case $build in /*) ;; *) build=$(cd .. && cd "$build" && pwd) ;; esac
shift
[ $# -gt 0 ] || set -- scripts/*.txt
command -v rsvg-convert >/dev/null || { echo "make.sh: rsvg-convert is missing (package librsvg2-bin)" >&2; exit 1; }

new=$(mktemp -d)
pids=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$new"
}
trap finish EXIT

# Each run only waits for the clock most of its time, so all of them go at once.
for script in "$@"; do
    for variant in $(sed -n 's/^# for: //p' "$script"); do
        "$build/tests/termshot" "${variant%%-*}" "${variant#*-}" "$script" "$new" "$build/initwatch" >"$new/$(basename "$script").$variant.log" &
        pids+=($!)
    done
done
failed=0
for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
pids=()
[ "$failed" -eq 0 ] || { echo "make.sh: a script did not reach its pictures" >&2; exit 1; }

# A film moves only as an SVG.
mv "$new"/film-*.svg . 2>/dev/null || true
for svg in "$new"/*.svg; do
    [ -e "$svg" ] || continue
    png=${svg%.svg}.png
    rsvg-convert "$svg" -o "$png"
    "$build/tests/pngsmall" "$png"
    mv "$svg" "$png" .
done
ls -1 ./*.png | sed 's/^\.\///'
