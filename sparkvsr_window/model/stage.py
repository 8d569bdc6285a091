"""What the viewer shows: the source, the preview, a version or its trust, as A and as B of the wipe."""

from __future__ import annotations

from sparkvsr_bridge.hosts.session import EngineState
from sparkvsr_window.model.core import PICTURE, VIEW, Core
from sparkvsr_window.model.engine.previews import LivePreview, PreviewPicture, PreviewWish
from sparkvsr_window.model.viewing import HEAT_MAP, PREVIEW, SOURCE, VERSION, Side


class Stage:
    """Chooses what is shown, and keeps the preview at the frame in view while it is."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.preview = LivePreview(core.link, self._preview_came, core.fail, core.clock, core.show_light)
        self._is_previewing = False
        core.on_news.append(self._take_in)

    def show_source(self) -> None:
        """Show the source."""
        self._show(Side(SOURCE))

    def show_preview(self) -> None:
        """Show the frame in view as the engine would render it, and keep doing so."""
        if self._core.document is None:
            return
        self._is_previewing = True
        if Side(PREVIEW) not in self._core.viewing.sides:
            self._core.set_viewing(side_a=Side(PREVIEW))
        self._core.touch(VIEW)
        self._order_preview()

    def toggle_preview(self) -> None:
        """Show the preview, or the source again."""
        if self._core.viewing.side_a == Side(PREVIEW):
            self._is_previewing = False
            self.show_source()
        else:
            self.show_preview()

    def show_version(self, key: tuple[str, int] | None = None) -> None:
        """Show a version; without a key the newest."""
        key = key or self._newest_version()
        if key is None:
            self._core.inform("There is no version yet; render the range.")
        else:
            self._show(Side(VERSION, key))

    def show_heat_map(self) -> None:
        """Show where the newest version's result can be believed, and where not."""
        key = self._newest_version()
        if key is None:
            self._core.inform("There is no version yet; render the range.")
        else:
            self._show(Side(HEAT_MAP, key))

    def set_wipe(self, place: float | None) -> None:
        """Where the wipe's line is, 0..1; None for no wipe."""
        self._core.set_viewing(wipe=None if place is None else min(max(place, 0.0), 1.0))
        self._order_side(self._core.viewing.side_b)

    def toggle_wipe(self) -> None:
        """Wipe between A and B, or show A alone."""
        self.set_wipe(0.5 if self._core.viewing.wipe is None else None)

    def set_side_b(self, side: Side) -> None:
        """What B shows."""
        self._core.set_viewing(side_b=side)
        self._order_side(side)

    def swap_sides(self) -> None:
        """A becomes B."""
        viewing = self._core.viewing
        self._core.set_viewing(side_a=viewing.side_b, side_b=viewing.side_a)
        self._order_side(viewing.side_b)

    def follow(self) -> None:
        """Ask for the preview of what is in view, where one is shown: document or view changed."""
        viewing = self._core.viewing
        if Side(PREVIEW) in viewing.sides and not viewing.is_playing:
            self._order_preview()

    def forget(self) -> None:
        """Another clip is worked on from now on; nothing of it is previewed yet."""
        self.preview.forget()
        self._is_previewing = False

    def _show(self, side: Side) -> None:
        self._core.set_viewing(side_a=side)
        self._order_side(side)

    def _order_side(self, side: Side) -> None:
        if side.kind == PREVIEW:
            self._is_previewing = True
            self._order_preview()

    def _newest_version(self) -> tuple[str, int] | None:
        document = self._core.document
        return document.versions[-1].key if document is not None and document.versions else None

    def _order_preview(self) -> None:
        document, viewing = self._core.document, self._core.viewing
        if document is None or not self._is_previewing:
            return
        wish = PreviewWish(document, viewing.playhead, document.region)
        if not self.preview.wants(wish):
            self.preview.ask(wish)
            self._core.touch(VIEW)

    def _preview_came(self, _: PreviewPicture, warnings: tuple[str, ...]) -> None:
        self._core.touch(PICTURE)
        for warning in warnings:
            self._core.inform(warning)

    def _take_in(self, news: object) -> None:
        self.preview.take_in(news)
        if not isinstance(news, EngineState):
            return
        if news.kind in ("lost", "offline"):
            self.preview.engine_lost()
        elif news.kind == "ready" and self._is_previewing:
            self.preview.engine_lost()
            self._order_preview()
