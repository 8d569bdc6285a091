"""Versions of the clip, and the queue of all jobs of the engine."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from sparkvsr_window.model.documents.records import Version
from sparkvsr_window.model.engine.rendering import JobRow
from sparkvsr_window.model.viewing import VERSION, Side
from sparkvsr_window.model.window_model import WindowModel
from sparkvsr_window.widgets.building import button, column, label, row


class VersionPanel(QWidget):
    """What was rendered of the clip."""

    def __init__(self, model: WindowModel) -> None:
        super().__init__()
        self._model = model
        self._list = QListWidget()
        self._list.setAccessibleName("Versions")
        self._list.itemDoubleClicked.connect(lambda _: self._show())
        self._empty = label("Versions appear here once the range is rendered.", "dim")
        self._empty.setWordWrap(True)
        self._buttons = [
            button("Show", self._show, "Show the version in the viewer"),
            button("Compare", self._compare, "Wipe between what is shown and the version"),
            button("Folder", self._open_folder, "Open the folder of its files"),
        ]
        layout = column(self)
        layout.addWidget(self._empty)
        layout.addWidget(self._list, 1)
        layout.addLayout(row(*self._buttons, None, space=4))

    def refresh(self) -> None:
        """Show the versions as they are."""
        document = self._model.document
        versions = document.versions if document is not None else ()
        chosen = self._list.currentRow()
        texts = [self._text(version) for version in versions]
        for index, text in enumerate(texts):
            if index >= self._list.count():
                self._list.addItem(QListWidgetItem())
            self._list.item(index).setText(text)
            self._list.item(index).setToolTip(versions[index].target)
        while self._list.count() > len(texts):
            self._list.takeItem(self._list.count() - 1)
        if chosen < 0 and texts:
            self._list.setCurrentRow(len(texts) - 1)
        self._empty.setVisible(not texts)
        for widget in self._buttons:
            widget.setEnabled(bool(texts))

    def _text(self, version: Version) -> str:
        report = self._model.rendering.report(version.key)
        state = self._model.rendering.text_of(report) if report is not None else version.state
        return f"Version {version.number}    frames {version.first} to {version.last}\n{state}"

    def _key(self) -> tuple[str, int] | None:
        document, index = self._model.document, self._list.currentRow()
        if document is None or not 0 <= index < len(document.versions):
            return None
        return document.versions[index].key

    def _show(self) -> None:
        key = self._key()
        if key is not None:
            self._model.stage.show_version(key)

    def _compare(self) -> None:
        key = self._key()
        if key is not None:
            self._model.stage.set_side_b(Side(VERSION, key))
            self._model.stage.set_wipe(0.5)

    def _open_folder(self) -> None:
        document, key = self._model.document, self._key()
        version = document.version(key) if document is not None and key is not None else None
        if version is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(version.target).parent)))


class JobPanel(QWidget):
    """Every job of the engine, whoever sent it."""

    def __init__(self, model: WindowModel) -> None:
        super().__init__()
        self._model = model
        self._rows: tuple[JobRow, ...] = ()
        self._list = QListWidget()
        self._list.setAccessibleName("Jobs of the engine")
        self._list.currentRowChanged.connect(lambda _: self._refresh_buttons())
        self._pause = button("Pause", self._pause_or_resume, "Pause the job, or let it go on")
        self._cancel = button("Cancel", self._cancel_job, "Stop the job; finished frames are kept")
        layout = column(self)
        layout.addWidget(self._list, 1)
        layout.addLayout(row(self._pause, self._cancel, None, space=4))

    def refresh(self) -> None:
        """Show the jobs as they are."""
        self._rows = self._model.rendering.rows
        for index, job in enumerate(self._rows):
            if index >= self._list.count():
                self._list.addItem(QListWidgetItem())
            name = Path(job.report.source).name
            self._list.item(index).setText(f"{name}    version {job.report.version}\n{job.text}")
            self._list.item(index).setToolTip(f"{job.report.source}\n{job.report.target}")
        while self._list.count() > len(self._rows):
            self._list.takeItem(self._list.count() - 1)
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        job = self._job()
        is_active = job is not None and job.is_active
        self._cancel.setEnabled(is_active)
        can_resume = job is not None and job.report.state in ("paused", "failed", "cancelled")
        self._pause.setEnabled(is_active or can_resume)
        self._pause.setText("Go on" if can_resume else "Pause")

    def _job(self) -> JobRow | None:
        index = self._list.currentRow()
        return self._rows[index] if 0 <= index < len(self._rows) else None

    def _pause_or_resume(self) -> None:
        job = self._job()
        if job is not None:
            self._model.rendering.pause_or_resume(job.report.job)

    def _cancel_job(self) -> None:
        job = self._job()
        if job is not None:
            self._model.rendering.cancel(job.report.job)
