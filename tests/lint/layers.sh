#!/usr/bin/env bash
# Include direction: each layer may include only what stands in its row. Usage: layers.sh ROOT
set -euo pipefail
root=$1
status=0

# layer | folders | initwatch layers it may include | system headers it alone may include (others may not)
rules='
base   | src/base include/initwatch/base       | base                           |
data   | src/data include/initwatch/data       | base data                      | jansson yaml
model  | src/model include/initwatch/model     | base model                     | pcre2
diag   | src/diag include/initwatch/diag       | base model diag                |
net    | src/net include/initwatch/net         | base net                       | curl openssl
source | src/source include/initwatch/source   | base data model net source     | jansson
ui     | ui include/initwatch/ui               | base model diag ui             | curses
demo   | src/demo include/initwatch/demo       | base data net demo             | jansson microhttpd
app    | src/app include/initwatch/app src/main.c | base data model diag net source ui demo app | jansson
'

check_file() {
    local file=$1 allowed=$2 system=$3 include layer header
    while read -r include; do
        case $include in
            initwatch/*)
                layer=${include#initwatch/}
                layer=${layer%%/*}
                case " $allowed " in
                    *" $layer "*) ;;
                    *) echo "$file: must not include $include"; status=1 ;;
                esac ;;
            jansson.h | yaml.h | curl/* | openssl/* | *curses.h | microhttpd.h | pcre2.h)
                header=${include%%/*}
                header=${header%.h}
                header=${header#n}
                case " $system " in
                    *" $header "*) ;;
                    *) echo "$file: must not include <$include>"; status=1 ;;
                esac ;;
        esac
    done < <(sed -n 's/^ *# *include *[<"]\([^>"]*\)[>"].*/\1/p' "$file")
}

checked=0
while IFS='|' read -r layer folders allowed system; do
    [ -n "${layer// /}" ] || continue
    for folder in $folders; do
        [ -e "$root/$folder" ] || { echo "no such folder: $folder"; status=1; continue; }
        while read -r file; do
            check_file "$file" "$(echo $allowed)" "$(echo $system)"
            checked=$((checked + 1))
        done < <(find "$root/$folder" -name '*.[ch]')
    done
done <<<"$rules"

# curses.h in one file only.
others=$(grep -lE '# *include *[<"]n?curses' -r "$root/ui" "$root/src" "$root/include" | grep -v 'ui/term_curses\.c$' || true)
[ -z "$others" ] || { echo "curses.h outside ui/term_curses.c: $others"; status=1; }

[ "$checked" -gt 50 ] || { echo "only $checked files were looked at"; status=1; }
echo "$checked files checked"
exit $status
