"""A packed file in a browser: it plays as the small movie. Left out where there is no Chromium."""

from __future__ import annotations

import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest

from tests.fakes.streams import numbered_source, packed_movie

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE_SECONDS = 90
PAGE = b"""<!doctype html><video muted autoplay src="small.mp4"></video><script>
const video = document.querySelector("video"), report = text => fetch("/report?" + encodeURIComponent(text));
video.onerror = () => report("error " + video.error.message);
video.ontimeupdate = () => {
  const size = [video.videoWidth, video.videoHeight];
  if (video.currentTime > 0.2) report([...size, video.currentTime, video.duration].join(" "));
};
</script>"""


class _Site(ThreadingHTTPServer):
    """Serves the page and a movie; keeps the page's first report."""

    def __init__(self, movie: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.movie, self.report, self.has_reported = movie, "", threading.Event()


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        site = self.server
        assert isinstance(site, _Site)
        place = urlsplit(self.path)
        if place.path == "/report" and not site.has_reported.is_set():
            site.report = unquote(place.query)
            site.has_reported.set()
        kind, data = ("video/mp4", site.movie) if place.path == "/small.mp4" else ("text/html", PAGE)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_packed_mp4_plays_in_a_browser_as_the_small_movie(tmp_path):
    source = numbered_source(tmp_path, frames=48, audio="aac")
    site = _Site(packed_movie(tmp_path, "small.mp4", "0,24", source).read_bytes())
    threading.Thread(target=site.serve_forever, daemon=True).start()
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    options += ["--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0"]
    address = f"http://127.0.0.1:{site.server_port}/"
    browser = subprocess.Popen(
        [str(CHROMIUM), *options, address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        assert site.has_reported.wait(PATIENCE_SECONDS)
    finally:
        browser.terminate()
        browser.wait(PATIENCE_SECONDS)
        site.shutdown()
        site.server_close()
    width, height, moment, duration = map(float, site.report.split())
    assert (width, height) == (96, 64)
    assert 0.2 < moment <= duration == pytest.approx(2.0, abs=0.1)
