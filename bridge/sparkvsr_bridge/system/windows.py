"""What only Windows is asked for: children without a window, live processes, folders of one user."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NO_WINDOW = subprocess.CREATE_NO_WINDOW if sys.platform == "win32" else 0
"""For `creationflags` of every child: a console that nobody sees, which its own children share. With no
console at all (DETACHED_PROCESS) each of them would open a window, and closing that would end it."""

_QUERY_AND_WAIT = 0x1000 | 0x100000
_INVALID_PARAMETER = 87
_STILL_RUNS = 0x102
_TOKEN_QUERY = 0x8
_TOKEN_USER = 1
_INSUFFICIENT_BUFFER = 122
# The access list, which takes over nothing from the folder above.
_PROTECTED_LIST = 0x4 | 0x80000000


def process_runs(pid: int) -> bool:
    """Whether a process of that number runs; True where that is not for us to know.

    Args:
        pid: number of the process.
    """
    if sys.platform != "win32":
        raise NotImplementedError("only Windows is asked this way")
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = ctypes.c_void_p
    kernel.WaitForSingleObject.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
    kernel.CloseHandle.argtypes = [ctypes.c_void_p]
    # Never os.kill(pid, 0): on Windows it ends the process.
    handle = kernel.OpenProcess(_QUERY_AND_WAIT, False, pid)
    if not handle:
        return ctypes.get_last_error() != _INVALID_PARAMETER
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == _STILL_RUNS)
    finally:
        kernel.CloseHandle(handle)


def make_folder_private(folder: Path) -> None:
    """Let this user, the system and administrators alone into a folder; raises OSError.

    The user is named, not the owner: what an administrator makes belongs to all administrators.

    Args:
        folder: the folder.
    """
    if sys.platform != "win32":
        raise NotImplementedError("only Windows has such access lists")
    import ctypes

    rights = "".join(f"(A;OICI;FA;;;{who})" for who in ("SY", "BA", _user_identity()))
    security = ctypes.WinDLL("advapi32", use_last_error=True)
    descriptor = ctypes.c_void_p()
    convert = security.ConvertStringSecurityDescriptorToSecurityDescriptorW
    convert.argtypes = [ctypes.c_wchar_p, ctypes.c_uint32, ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p]
    security.SetFileSecurityW.argtypes = [ctypes.c_wchar_p, ctypes.c_uint32, ctypes.c_void_p]
    if not convert(f"D:P{rights}", 1, ctypes.byref(descriptor), None):
        raise ctypes.WinError(ctypes.get_last_error())
    try:
        if not security.SetFileSecurityW(str(folder), _PROTECTED_LIST, descriptor):
            raise ctypes.WinError(ctypes.get_last_error())
    finally:
        _free(descriptor)


def _user_identity() -> str:
    """The security identifier of the user this process runs for, as text."""
    if sys.platform != "win32":
        raise NotImplementedError("only Windows has such identifiers")
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    security = ctypes.WinDLL("advapi32", use_last_error=True)
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.CloseHandle.argtypes = [ctypes.c_void_p]
    pointer = ctypes.POINTER(ctypes.c_void_p)
    security.OpenProcessToken.argtypes = [ctypes.c_void_p, ctypes.c_uint32, pointer]
    size = ctypes.c_uint32()
    security.GetTokenInformation.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32]
    security.GetTokenInformation.argtypes += [ctypes.POINTER(ctypes.c_uint32)]
    security.ConvertSidToStringSidW.argtypes = [ctypes.c_void_p, pointer]
    token, text = ctypes.c_void_p(), ctypes.c_void_p()
    if not security.OpenProcessToken(kernel.GetCurrentProcess(), _TOKEN_QUERY, ctypes.byref(token)):
        raise ctypes.WinError(ctypes.get_last_error())
    try:
        security.GetTokenInformation(token, _TOKEN_USER, None, 0, ctypes.byref(size))
        if ctypes.get_last_error() != _INSUFFICIENT_BUFFER:
            raise ctypes.WinError(ctypes.get_last_error())
        buffer = ctypes.create_string_buffer(size.value)
        if not security.GetTokenInformation(token, _TOKEN_USER, buffer, size, ctypes.byref(size)):
            raise ctypes.WinError(ctypes.get_last_error())
    finally:
        kernel.CloseHandle(token)
    # A TOKEN_USER begins with the address of the identifier.
    identifier = ctypes.c_void_p.from_buffer(buffer)
    if not security.ConvertSidToStringSidW(identifier, ctypes.byref(text)):
        raise ctypes.WinError(ctypes.get_last_error())
    try:
        return ctypes.wstring_at(text.value or 0)
    finally:
        _free(text)


def _free(pointer: object) -> None:
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.LocalFree.argtypes = [ctypes.c_void_p]
        kernel.LocalFree(pointer)
