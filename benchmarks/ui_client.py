"""A browser session without a browser: speaks the pages' protocol as the browser's code does, but draws nothing.

So that ten sessions can be measured on one machine without ten browsers taking the time that the server needs.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

MOST_BYTES = 200_000_000
STATUS = re.compile(r"≈ \*\*Estimate|\*\*Plan\*\*: objective|\*\*Estimating\*\*|No plan|solver failed")


@dataclass
class Seen:
    """What the page shows.

    Attributes:
        sliders: label -> (widget id, its stops as shown).
        start: label -> the stop it stood at when the page came first.
        at: label -> the stop it was moved to.
        status: the line that says what the figures are.
        query: the browser's query string.
        metrics: label -> value of the headline figures.
        exceptions: texts of exceptions on the page.
    """

    sliders: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    start: dict[str, str] = field(default_factory=dict)
    at: dict[str, str] = field(default_factory=dict)
    status: str = ""
    query: str = ""
    metrics: dict[str, str] = field(default_factory=dict)
    exceptions: list[str] = field(default_factory=list)


class Client:
    """One session: opens the first page, moves sliders, repeats fragments as often as the page asks."""

    def __init__(self, address: str, query: str = "") -> None:
        """Connect and ask for the first page."""
        url = address.replace("http://", "ws://") + "/_stcore/stream"
        self.socket = connect(url, subprotocols=["streamlit"], max_size=MOST_BYTES, open_timeout=30)  # type: ignore[list-item]
        self.seen = Seen(query=query)
        self.change = threading.Condition()
        self.states: dict[str, WidgetState] = {}
        self.page = ""
        self.repeats: dict[str, tuple[float, float]] = {}  # fragment -> (every, next at)
        self.finished = 0
        self.open = True
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()
        self._ask()

    def move(self, label: str, stop: int) -> str:
        """Move a slider to one of its stops; gives the stop as shown."""
        with self.change:
            name, stops = self.seen.sliders[label]
            state = WidgetState(id=name)
            state.string_array_value.data.append(stops[stop])
            self.seen.at[label] = stops[stop]
            self.states[name] = state
            self.seen.status = ""
        self._ask()
        return stops[stop]

    def wait(self, true: object, seconds: float) -> float | None:
        """Wait until ``true(seen)`` holds, repeating what the page repeats; the seconds it took, None if it did not."""
        begun = time.monotonic()
        while time.monotonic() - begun < seconds and self.open:
            with self.change:
                if true(self.seen):  # type: ignore[operator]
                    return time.monotonic() - begun
                self.change.wait(0.02)
            self._repeat()
        return None

    def close(self) -> None:
        """End the session."""
        self.open = False
        self.socket.close()

    def _ask(self, fragment: str = "") -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash = self.seen.query, self.page
        if fragment:
            asked.fragment_id, asked.is_auto_rerun = fragment, True
        for state in self.states.values():
            asked.widget_states.widgets.append(state)
        self.socket.send(message.SerializeToString())

    def _repeat(self) -> None:
        now = time.monotonic()
        with self.change:
            due = [name for name, (_, at) in self.repeats.items() if at <= now]
            for name in due:
                self.repeats[name] = (self.repeats[name][0], now + self.repeats[name][0])
        for name in due:
            self._ask(name)

    def _listen(self) -> None:
        try:
            while True:
                message = ForwardMsg()
                message.ParseFromString(self.socket.recv())  # type: ignore[arg-type]
                with self.change:
                    self._take(message)
                    self.change.notify_all()
        except (ConnectionClosed, OSError):
            self.open = False

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.page = message.new_session.page_script_hash
        elif kind == "navigation":  # a run of the whole page, not of a fragment: nothing is repeated unless asked again
            self.repeats.clear()
        elif kind == "auto_rerun":
            asked = message.auto_rerun
            self.repeats[asked.fragment_id] = (asked.interval, time.monotonic() + asked.interval)
        elif kind == "stop_auto_rerun":
            for name in message.stop_auto_rerun.fragment_ids:
                self.repeats.pop(name, None)
        elif kind == "page_info_changed":
            self.seen.query = message.page_info_changed.query_string
        elif kind == "script_finished":
            self.finished += 1
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._element(message.delta.new_element)

    def _element(self, element: object) -> None:
        kind = element.WhichOneof("type")  # type: ignore[attr-defined]
        if kind == "slider":
            slider = element.slider  # type: ignore[attr-defined]
            label, stops = slider.label.partition(" :")[0], list(slider.options)
            self.seen.sliders[label] = (slider.id, stops)
            told = slider.raw_value[0] if slider.set_value and slider.raw_value else stops[int(slider.default[0])]
            self.seen.start.setdefault(label, told)
        elif kind == "markdown" and STATUS.search(element.markdown.body):  # type: ignore[attr-defined]
            self.seen.status = element.markdown.body  # type: ignore[attr-defined]
        elif kind == "metric":
            metric = element.metric  # type: ignore[attr-defined]
            self.seen.metrics[metric.label] = metric.body
        elif kind == "exception":
            self.seen.exceptions.append(element.exception.message)  # type: ignore[attr-defined]
