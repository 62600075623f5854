"""A picture as pages show it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from reports.picture import MARKED
from ui.look import adapted

if TYPE_CHECKING:
    from reports.charts import Picture


@dataclass(frozen=True)
class Shown:
    """A picture as pages show it: the specification on a light page and on a dark one, as JSON.

    As text, because Streamlit takes a specification apart while it draws it.
    """

    title: str
    alt: str
    data: pd.DataFrame
    light: str
    dark: str
    stretch: bool

    @classmethod
    def of(cls, made: Picture) -> Shown:
        """Both specifications of a picture."""
        return cls.of_spec(made.chart.to_dict(), made.data, made.title, made.alt, made.marking)

    @classmethod
    def of_spec(cls, spec: dict[str, Any], data: pd.DataFrame, title: str, alt: str, marking: str = "") -> Shown:
        """The same from a Vega-Lite specification in the inks of the reports, with the marking in it."""
        light, dark, stretch = adapted(spec, marking)
        return cls(title, alt, data, json.dumps(light), json.dumps(dark), stretch)

    def marked(self, marking: str) -> Shown:
        """The same with the marking in it, where it has none yet."""
        light, dark = json.loads(self.light), json.loads(self.dark)
        if "title" in light or not marking:
            return self
        light["title"] = dark["title"] = {"text": marking} | MARKED
        return replace(self, light=json.dumps(light), dark=json.dumps(dark))
