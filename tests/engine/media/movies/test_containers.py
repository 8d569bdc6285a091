"""Movies of the usual containers and codecs as FFmpeg writes them: every frame by its number."""

import numpy as np
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.movies.reader import MovieReader
from sparkvsr_engine.media.probe import probe
from tests.compatibility.claims import covers
from tests.fakes.ffmpeg import AV1, ffmpeg
from tests.fakes.media import number_in, numbered_picture

FRAMES = 8
X264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "2", "-g", "4")
MP4 = {
    "H.264": X264,
    "HEVC": ("-c:v", "libx265", "-pix_fmt", "yuv420p", "-x265-params", "log-level=error:pools=1"),
    "AV1": ("-c:v", *AV1, "-pix_fmt", "yuv420p"),
    "MPEG-4": ("-c:v", "mpeg4"),
}
MOV = {
    "ProRes 422": ("-c:v", "prores_ks", "-pix_fmt", "yuv422p10le"),
    "ProRes 4444 with alpha": ("-c:v", "prores_ks", "-profile:v", "4", "-pix_fmt", "yuva444p10le"),
    "DNxHR": ("-c:v", "dnxhd", "-profile:v", "dnxhr_hq", "-pix_fmt", "yuv422p", "-s", "256x128"),
    "CineForm": ("-c:v", "cfhd", "-pix_fmt", "yuv422p10le"),
    "Animation (qtrle)": ("-c:v", "qtrle"),
    "PNG": ("-c:v", "png"),
    "Motion JPEG": ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "2"),
    "uncompressed (v210)": ("-c:v", "v210", "-pix_fmt", "yuv422p10le"),
}
MKV = {
    "FFV1": ("-c:v", "ffv1"),
    "VP9": ("-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p", "-deadline", "realtime"),
    "Ut Video": ("-c:v", "utvideo"),
    "MPEG-2": ("-c:v", "mpeg2video", "-r", "25"),
}
AVI = {
    "XviD-like MPEG-4": ("-c:v", "mpeg4", "-bf", "1"),
    "Motion JPEG": ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "2"),
    "HuffYUV": ("-c:v", "huffyuv", "-pix_fmt", "yuv422p"),
    "uncompressed": ("-c:v", "rawvideo", "-pix_fmt", "bgr24"),
}
MPEG2 = ("-c:v", "mpeg2video", "-r", "25", "-q:v", "2")
MXF = {
    "MPEG-2": ("-c:v", "mpeg2video", "-r", "25", "-q:v", "2"),
    "H.264 intra": (*X264, "-g", "1", "-bf", "0"),
}
WEBM = {
    "VP8": ("-c:v", "libvpx", "-pix_fmt", "yuv420p", "-b:v", "2M"),
    "VP9": ("-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p", "-deadline", "realtime"),
}
TS = {"H.264": X264, "MPEG-2": MPEG2}
FOREIGN = {
    "asf": X264,
    "flv": X264,
    "vob": ("-c:v", "mpeg2video", "-r", "25", "-q:v", "2"),
    "gif": (),
    "apng": (),
}
ALL = {
    "mp4": MP4,
    "mov": MOV,
    "mkv": MKV,
    "avi": AVI,
    "mxf": MXF,
    "webm": WEBM,
    "ts": TS,
    **{name: {name.upper(): how} for name, how in FOREIGN.items()},
}


@covers("movies", "MP4", read=", ".join(MP4))
@covers("movies", "QuickTime (MOV)", read=", ".join(MOV))
@covers("movies", "Matroska (MKV)", read=", ".join(MKV))
@covers("movies", "AVI", read=", ".join(AVI), written="refused, with the containers there are")
@covers("movies", "MXF", read=", ".join(MXF), written="refused, with the containers there are")
@covers("movies", "WebM", read=", ".join(WEBM))
@covers("movies", "Transport streams (TS, M2TS)", read=", ".join(TS), written="refused")
@covers("movies", "ASF, FLV, VOB, GIF, animated PNG", read=", ".join(FOREIGN), written="refused")
@pytest.mark.parametrize(("container", "codec"), [(item, codec) for item in ALL for codec in ALL[item]])
def test_every_frame_of_it_is_read_by_its_number(tmp_path, container, codec):
    width, height = (256, 128) if codec == "DNxHR" else (96, 64)
    frames = [numbered_picture(number, width, height) for number in range(FRAMES)]
    inputs = np.stack(frames).tobytes()
    read = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", "25", "-i", "-")
    name = "a.png" if container == "apng" else f"a.{container}"
    holder = ("-f", "apng") if container == "apng" else ()
    ffmpeg(tmp_path, *read, *ALL[container][codec], *holder, name, standard_input=inputs)
    info = probe(SourceMedia(str(tmp_path / name)))
    reader = MovieReader(info)
    assert (info.width, info.height, len(info.available)) == (width, height, FRAMES)
    assert [number_in(reader.read(number).pixels) for number in info.available] == list(range(FRAMES))
    pixels = reader.read(FRAMES - 1).pixels
    off = pixels[16:, :, :3] / np.iinfo(pixels.dtype).max - frames[-1][16:] / 255
    # A GIF has 256 colours.
    assert np.abs(off).mean() < (0.09 if container == "gif" else 0.06)
    reader.close()
