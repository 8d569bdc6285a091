# Sourced by the scripts beside it: makes .venv and installs the checkout into it.
#
#   set_up EXTRAS    e.g. set_up "dev,colour"; empty for what the engine itself needs.
#
# Needs Python 3.11 or later with pip. What is installed already is not installed again.
export PIP_DISABLE_PIP_VERSION_CHECK=1

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

set_up() {
    local extras="$1" python wanted pip
    wanted="$(cat constraints.txt pyproject.toml | cksum) $extras"
    if [ -x .venv/bin/python ] && grep -qxF "$wanted" .venv/installed 2>/dev/null; then
        return
    fi
    python="$(find_python)"
    pip=(.venv/bin/python -m pip)
    if [ ! -x .venv/bin/python ] && ! "$python" -m venv .venv 2>/dev/null; then
        # Some systems ship Python without ensurepip; their own pip can fill another environment.
        "$python" -m venv --clear --without-pip .venv
        pip=("$python" -m pip --python .venv/bin/python)
    fi
    echo "Installing into .venv; the first time takes some minutes." >&2
    # torch first and alone: asked for together with the rest, a build with CUDA might be chosen.
    "${pip[@]}" install -q -c constraints.txt torch==2.13.0
    "${pip[@]}" install -q -c constraints.txt -e ".${extras:+[$extras]}"
    if [[ ",$extras," == *,dev,* ]]; then
        # Without its dependencies: torchvision has no build for every machine, and the tests stand in for it.
        "${pip[@]}" install -q -c constraints.txt --no-deps spandrel
    fi
    echo "$wanted" >>.venv/installed
}

# Puts Blender, as a Python module, into .venv-blender for the tests of its extension. It needs Python 3.11.
# Where it cannot be had this says why, and those tests are skipped.
#
#   set_up_blender [VERSION FOLDER]
set_up_blender() {
    local python pip bpy="bpy==${1:-5.0.1}" folder="${2:-.venv-blender}"
    if grep -qxF "$bpy" "$folder/installed" 2>/dev/null; then
        return
    fi
    python="$(command -v "${PYTHON:-python3.11}" || true)"
    if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then
        echo "Blender's module needs Python 3.11; the tests in Blender are skipped." >&2
        return
    fi
    # Without pip of its own, like .venv where ensurepip is missing: the Python at hand fills it.
    pip=("$python" -m pip --python "$folder/bin/python")
    if "$python" -m venv --clear --without-pip "$folder" && "${pip[@]}" install -q "$bpy"; then
        echo "$bpy" >"$folder/installed"
    else
        echo "$bpy cannot be installed; the tests in Blender are skipped." >&2
    fi
}
