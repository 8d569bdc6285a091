"""The engine itself: test the connection, self-test, stop, refresh the queue."""

from typing import Any, Optional, Set

import bpy

from .. import host, runtime
from ..bridge_link import errors, messages, self_test, sentence_of

REPORT_NAME = "SparkVSR Self-Test"


class SPARKVSR_OT_test_connection(bpy.types.Operator):
    """Start the engine if need be and ask how it is"""

    bl_idname = "sparkvsr.test_connection"
    bl_label = "Test Connection"

    def execute(self, context: Any) -> Set[str]:
        """Ask; the answer appears in the panel and the preferences."""
        runtime.get().notice = None
        runtime.run_task(_look, _looked)
        return {"FINISHED"}


class SPARKVSR_OT_self_test(bpy.types.Operator):
    """Check everything between Blender and upscaled frames, and write a report into the Text editor"""

    bl_idname = "sparkvsr.self_test"
    bl_label = "Self-Test"

    def execute(self, context: Any) -> Set[str]:
        """Run it; the report follows."""
        try:
            folder = str(host.results_folder())
        except errors.SparkVSRError as error:
            folder = error.message
        host_checks = self_test.host_checks(f"Blender {bpy.app.version_string}", "Extension", folder)
        access = "allowed" if host.may_go_online() else "off; an engine on this machine needs none"
        host_checks.append(self_test.Check("Online access", True, access))

        def answered(checks: Any, error: Optional[Exception]) -> None:
            results = checks or [self_test.Check("Engine", False, sentence_of(error))]
            _write_report(self_test.report([*host_checks, *results]))

        runtime.show_notice("The self-test runs.")
        runtime.run_task(self_test.run, answered, beside=True)
        return {"FINISHED"}


class SPARKVSR_OT_stop_engine(bpy.types.Operator):
    """End the engine and free its memory; running jobs go on when it is started again"""

    bl_idname = "sparkvsr.stop_engine"
    bl_label = "Stop Engine"

    def execute(self, context: Any) -> Set[str]:
        """Send it."""
        current = runtime.get().session
        if current is None or current.state.kind != "ready":
            runtime.show_notice("No engine is connected.")
            return {"CANCELLED"}
        for job in current.followed:
            current.forget(job)
        runtime.run_task(
            lambda client: client.request(messages.ShutdownRequest(), messages.OkReply),
            lambda _, error: (
                runtime.show_error(error) if error else runtime.show_notice("The engine has ended.")
            ),
        )
        return {"FINISHED"}


class SPARKVSR_OT_preferences(bpy.types.Operator):
    """Open this extension's preferences"""

    bl_idname = "sparkvsr.preferences"
    bl_label = "SparkVSR Preferences"

    def execute(self, context: Any) -> Set[str]:
        """Open them."""
        bpy.ops.preferences.addon_show(module=__package__.rpartition(".")[0])
        return {"FINISHED"}


def _look(client: Any) -> Any:
    engine = client.request(messages.DescribeEngineRequest(), messages.EngineReply)
    models = client.request(messages.ListModelsRequest(), messages.ModelListReply, timeout_seconds=120.0)
    return engine, models.models


def _looked(value: Any, error: Optional[Exception]) -> None:
    if error is not None:
        runtime.show_error(error)
        return
    engine, runtime.job_list().models = value
    work = f"{engine.jobs_running} running, {engine.jobs_queued} waiting"
    device = f" on {engine.device}" if engine.device else ""
    runtime.show_notice(f"Engine {engine.version}{device}: {engine.worker_state}, {work}.")


def _write_report(text: str) -> None:
    block = bpy.data.texts.get(REPORT_NAME) or bpy.data.texts.new(REPORT_NAME)
    block.clear()
    block.write(text)
    is_good = "PROBLEM" not in text
    runtime.show_notice(
        f"Self-test {'passed' if is_good else 'found problems'}: see '{REPORT_NAME}' in the Text editor.",
        "INFO" if is_good else "ERROR",
    )


CLASSES = (
    SPARKVSR_OT_test_connection,
    SPARKVSR_OT_self_test,
    SPARKVSR_OT_stop_engine,
    SPARKVSR_OT_preferences,
)
