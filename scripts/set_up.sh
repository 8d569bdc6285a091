# Sourced by the scripts beside it, which run in bash: finds a Python for the scripts that do the work.
# PYTHON=/path/to/python names another one.

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11 or later is needed; install it or name it with PYTHON=/path/to/python." >&2
    return 1
}
