"""Render, how far it is, pause and cancel; below it one sentence at a time for the artist."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QWidget

from sparkvsr_window.model.window_model import WindowModel
from sparkvsr_window.widgets.building import button, column, elastic, label, row


class RenderBar(QWidget):
    """The job of the clip in the window."""

    def __init__(self, model: WindowModel) -> None:
        super().__init__()
        self._model = model
        self._render = button("Render", model.rendering.render, "Render the marked range (Ctrl+R)", "primary")
        self._pause = button("Pause", self._pause_or_resume, "Pause the job, or let it go on (Ctrl+P)")
        self._cancel = button("Cancel", self._cancel_job, "Stop the job; finished frames are kept (Ctrl+.)")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(8)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName("Progress of the job")
        self._text = elastic(label("", "dim", "State of the job"))
        layout = column(self)
        layout.addLayout(row(self._render, self._pause, self._cancel, space=6))
        layout.addWidget(self._bar)
        layout.addWidget(self._text)

    def refresh(self) -> None:
        """Show the job as it is."""
        model = self._model
        job = model.rendering.current
        self._render.setEnabled(model.document is not None and not model.rendering.is_ordering)
        is_active = job is not None and job.is_active
        self._pause.setEnabled(is_active)
        self._cancel.setEnabled(is_active)
        is_paused = job is not None and job.report.state == "paused"
        self._pause.setText("Go on" if is_paused else "Pause")
        self._bar.setValue(round(1000 * job.fraction) if job is not None else 0)
        if model.rendering.is_ordering:
            text = "Asking the engine"
        else:
            text = f"Version {job.report.version}: {job.text}" if job is not None else "Nothing rendered yet"
        self._text.setText(text)
        self._text.setToolTip(text)

    def _pause_or_resume(self) -> None:
        job = self._model.rendering.current
        if job is not None:
            self._model.rendering.pause_or_resume(job.report.job)

    def _cancel_job(self) -> None:
        job = self._model.rendering.current
        if job is not None and job.is_active:
            self._model.rendering.cancel(job.report.job)
