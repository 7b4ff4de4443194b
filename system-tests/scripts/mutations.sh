#!/usr/bin/env bash
# Breaks one rule of the code at a time and demands that the test named for it fails.
#
#   system-tests/scripts/mutations.sh [--compile] [NAME...]
#
# NAME: a patch in system-tests/mutations, without .patch; none: all. --compile: runs no tests, but shows that all still apply and compile.
#
# Each patch begins with what it breaks and with "# caught by: CLASS". It is applied to copies of the files that it names; these
# are compiled in front of the classes of the working tree, which Maven builds once and nothing here changes.
# SIMULATION_SEEDS: seeds of the simulation, 2000 if unset. Exit status 1 if a mutation survives.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
patches=$root/system-tests/mutations
only_compile=false
if [ "${1:-}" = --compile ]; then
    only_compile=true
    shift
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -eq 0 ]; then
    set -- $(cd "$patches" && ls ./*.patch | sed 's|^\./||; s|\.patch$||')
fi

if [ -z "${MUTATIONS_CLASSPATH:-}" ]; then
    echo "building the tree as it is"
    (cd "$root" && mvn -B -q -pl system-tests -am test-compile dependency:build-classpath -Dmdep.outputFile="$work/classpath")
    MUTATIONS_CLASSPATH=$root/system-tests/target/test-classes
    for module in storage worker coordinator; do
        MUTATIONS_CLASSPATH+=:$root/$module/target/classes:$root/$module/target/test-classes
    done
    MUTATIONS_CLASSPATH+=:$(cat "$work/classpath")
fi

# Prints how a test class ends on these classes: 0 it holds, 1 it fails, else it could not be run.
run_test() {
    local classes=$1 test=$2 log=$3
    local status=0
    java -Xmx512m -Dsimulation.seeds="${SIMULATION_SEEDS:-2000}" -Dsimulation.lines=20 \
        -cp "$classes:$MUTATIONS_CLASSPATH" dev.moorage.mutation.NamedTests "$test" > "$log" 2>&1 || status=$?
    echo $status
}

survivors=0
printf '%-36s %-10s %6s  %s\n' mutation result time 'caught by'
for name in "$@"; do
    patch=$patches/$name.patch
    test=$(sed -n 's/^# caught by: //p' "$patch")
    copy=$work/$name
    mkdir -p "$copy/classes"
    begin=$SECONDS
    result=SURVIVED
    sed -n 's|^+++ b/||p' "$patch" | while read -r file; do
        mkdir -p "$copy/$(dirname "$file")"
        cp "$root/$file" "$copy/$file"
    done
    if ! (cd "$copy" && patch -s -p1 < "$patch") > "$copy/log" 2>&1; then
        result='NO PATCH'
    elif ! find "$copy" -name '*.java' -print0 | xargs -0 javac -nowarn -proc:none --release 17 -parameters \
        -d "$copy/classes" -cp "$MUTATIONS_CLASSPATH" >> "$copy/log" 2>&1; then
        result='NO BUILD'
    elif $only_compile; then
        result=compiles
    else
        case $(run_test "$copy/classes" "$test" "$copy/log") in
            0) ;;
            1) result=caught ;;
            *) result='NO TEST' ;;
        esac
    fi
    printf '%-36s %-10s %5ss  %s\n' "$name" "$result" $((SECONDS - begin)) "${test##*.}"
    if [ "$result" = compiles ]; then
        continue
    elif [ "$result" = caught ]; then
        grep -m1 '^failed: ' "$copy/log" | cut -c9-160 | sed 's/^/    /' || true
    else
        survivors=$((survivors + 1))
        grep -v '|-' "$copy/log" | tail -n 20
    fi
done
if [ $survivors -gt 0 ]; then
    echo "$survivors of $# mutations were not caught"
    exit 1
fi
if $only_compile; then
    echo "all $# mutations compile"
else
    echo "all $# mutations were caught"
fi
