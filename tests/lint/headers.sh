#!/usr/bin/env bash
# Every source file starts with what it is for and names its licence; every public header compiles alone.
set -euo pipefail
root=$1
status=0
while read -r file; do
    head -n 30 "$file" | grep -qE "^( \*|/\*) SPDX-License-Identifier: Apache-2.0" || { echo "$file: no SPDX line at the top"; status=1; }
done < <(find "$root/src" "$root/ui" "$root/include" "$root/tests" -name '*.[ch]')
for header in $(cd "$root/include" && find . -name '*.h'); do
    echo "#include \"${header#./}\"" | ${CC:-cc} -std=c17 -D_GNU_SOURCE -I"$root/include" -fsyntax-only -x c - ||
        { echo "$header: does not compile alone"; status=1; }
done
exit $status
