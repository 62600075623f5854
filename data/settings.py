"""dataset.yaml and scenarios.yaml: the horizon, the severity of gaps, the base levers and the named scenarios."""

import itertools
import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

import pydantic
import yaml

from data.findings import Finding, error, suggestion
from data.texts import BREAKS, text_complaint

LONGEST_HORIZON = 60
MOST_YAML = 2_000_000
MOST_SCENARIOS = 1_000
Finite = Annotated[float, pydantic.Field(allow_inf_nan=False)]


NOTHING = ("", "~", "null")  # a value that is left empty, as YAML writes it
WORDS: Mapping[str, bool] = {"on": True, "true": True, "off": False, "false": False}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
MOST_DIGITS = 400  # of one number; what is longer is no number that anybody means


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return None if isinstance(value, str) and value.strip().lower() in NOTHING else value
    raise ValueError("a plain value belongs here: a number, a text, on or off")


def _lever(value: object) -> object:
    """A lever's value from its text: on and off, a number, or a word; levers hold no ids."""
    plain = _plain(value)
    if not isinstance(plain, str):
        return plain
    text = plain.strip()
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if not NUMBER.fullmatch(text) or len(text) > MOST_DIGITS:
        return text
    number = float(text)
    if text.lstrip("+-").isdigit() and abs(number) < 2**53:
        return int(text)
    return number if math.isfinite(number) else text


def _text_or_list(value: object) -> object:
    """The id or figure that rows are looked for by, as written; or several of them."""
    if isinstance(value, list):
        return [_text_or_list(one) for one in value]
    if isinstance(value, bool | int | float | str):
        return value
    if value is None:
        return ""
    raise ValueError("a plain value belongs here: a number, a text, on or off")


LeverValue = Annotated[bool | int | float | str | None, pydantic.PlainValidator(_lever)]
SetValue = Annotated[bool | int | float | str | None, pydantic.PlainValidator(_plain)]
Wanted = Annotated[bool | int | float | str | list[bool | int | float | str], pydantic.PlainValidator(_text_or_list)]


def _readable(value: object) -> object:
    """A text that can be printed on a page: one line, no control characters, no lone surrogates."""
    return _checked(value, "")


def _readable_lines(value: object) -> object:
    """The same over several lines."""
    return _checked(value, BREAKS)


def _checked(value: object, breaks: str) -> object:
    text = str(value) if isinstance(value, int | float) else value
    if not isinstance(text, str):
        return text
    complaint = text_complaint(text.strip(), breaks)
    if complaint:
        raise ValueError(complaint)
    return text.strip()


Text = Annotated[str, pydantic.BeforeValidator(_readable)]
Lines = Annotated[str, pydantic.BeforeValidator(_readable_lines)]
YearNumber = Annotated[int, pydantic.Field(ge=1900, le=2200)]
LARGEST_WEIGHT = 1e6  # of urgency, slopes and the like: more tells nothing that a solver could see
Weight = Annotated[float, pydantic.Field(ge=0, le=LARGEST_WEIGHT, allow_inf_nan=False)]


def _is_nothing(value: object) -> bool:
    """Whether a value was left empty."""
    return value is None or (isinstance(value, str) and value.strip().lower() in NOTHING)


class _Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class Band(_Strict):
    """A part of the shortfall share r: from `above` on, each unit of r counts `slope` (a rising, convex line)."""

    above: Annotated[float, pydantic.Field(ge=0, lt=1, allow_inf_nan=False)]
    slope: Weight


class Beyond(_Strict):
    """The years after the horizon in which what was ordered may arrive (MODEL.md, section 8a).

    `money`: share of the last year's money that may be bound, for each of the `years`; `capacity`: factor on the last
    year's capacity; `weight`: urgency of the settled state (None: as many as `years`); `flow`: years of deliveries
    that keep up what wears out sooner.
    """

    years: Annotated[int, pydantic.Field(ge=0, le=LONGEST_HORIZON)] = 0
    money: tuple[Annotated[float, pydantic.Field(ge=0, le=1, allow_inf_nan=False)], ...] = ()
    capacity: Weight = 1.0
    weight: Weight | None = None
    flow: Annotated[int, pydantic.Field(ge=1)] = 1

    @pydantic.field_validator("money", mode="before")
    @classmethod
    def _no_money(cls, value: object) -> object:
        return () if _is_nothing(value) else value

    @pydantic.field_validator("capacity", "flow", mode="before")
    @classmethod
    def _left_empty(cls, value: object) -> object:
        return 1 if _is_nothing(value) else value

    @pydantic.field_validator("weight", mode="before")
    @classmethod
    def _no_weight(cls, value: object) -> object:
        return None if _is_nothing(value) else value

    @pydantic.model_validator(mode="after")
    def _money_each_year(self) -> Self:
        if len(self.money) != self.years:
            raise ValueError(f"money has {len(self.money)} shares for {self.years} years; give one for each year")
        return self

    @property
    def urgency(self) -> float:
        """Urgency of the settled state."""
        return float(self.years if self.weight is None else self.weight)


class Settings(_Strict):
    """What dataset.yaml says: name, money, horizon, severity, urgency, shared bills and the base levers.

    `contribution_max`: most that a customer pays for others' expansions, as a share of the value of its orders there
    (None: no limit); `sponsor_max`: most of its key share of an innovation line's bill that a sponsor pays.
    """

    name: Text
    description: Lines = ""
    marking: Text = ""
    currency: Text
    price_base_year: YearNumber
    first_year: YearNumber
    last_year: YearNumber
    beyond: Beyond = Beyond()
    contribution_max: Weight | None = 0.1
    sponsor_max: Annotated[float, pydantic.Field(ge=1, le=LARGEST_WEIGHT, allow_inf_nan=False)] = 2.0
    severity: tuple[Band, ...] = (Band(above=0, slope=1),)
    urgency: Mapping[YearNumber, Weight] = {}
    levers: Mapping[str, LeverValue] = {}

    @property
    def years(self) -> range:
        """The years of the horizon."""
        return range(self.first_year, self.last_year + 1)

    @property
    def beyond_years(self) -> range:
        """The years after the horizon in which deliveries and payments may fall."""
        return range(self.last_year + 1, self.last_year + self.beyond.years + 1)

    @pydantic.field_validator("name")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value:
            raise ValueError("the name is empty")
        return value

    @pydantic.field_validator("beyond", mode="before")
    @classmethod
    def _nothing_beyond(cls, value: object) -> object:
        return {} if _is_nothing(value) else value

    @pydantic.field_validator("contribution_max", mode="before")
    @classmethod
    def _no_limit(cls, value: object) -> object:
        return None if isinstance(value, str) and value.strip().lower() in ("none", "null", "~") else value

    @pydantic.field_serializer("contribution_max")
    def _as_written(self, value: float | None) -> float | str:
        return "none" if value is None else value

    @pydantic.field_validator("urgency", "levers", mode="before")
    @classmethod
    def _empty(cls, value: object) -> object:
        return {} if _is_nothing(value) else value

    @pydantic.field_validator("severity")
    @classmethod
    def _bands(cls, value: tuple[Band, ...]) -> tuple[Band, ...]:
        complaint = bands_complaint(value)
        if complaint:
            raise ValueError(complaint)
        return value

    @pydantic.model_validator(mode="after")
    def _horizon(self) -> Self:
        if self.last_year < self.first_year:
            raise ValueError(f"last_year {self.last_year} lies before first_year {self.first_year}")
        if len(self.years) > LONGEST_HORIZON:
            raise ValueError(f"a horizon of {len(self.years)} years; {LONGEST_HORIZON} are the most")
        if self.beyond.flow > len(self.years):
            raise ValueError(f"beyond.flow {self.beyond.flow} lies above the {len(self.years)} planning years")
        return self


class Override(_Strict):
    """A scenario's change of data: the column of the rows where `where` holds is multiplied, or set."""

    table: str
    where: Mapping[str, Wanted] = {}
    column: str
    multiply: Finite | None = None
    set: SetValue = None

    @pydantic.model_validator(mode="after")
    def _one_change(self) -> Self:
        if ("set" in self.model_fields_set) == (self.multiply is not None):
            raise ValueError("give either multiply or set")
        return self


class ScenarioSpec(_Strict):
    """A named scenario: its probability, its levers and its changes of data."""

    probability: Annotated[float, pydantic.Field(ge=0, le=1)] | None = None
    levers: Mapping[str, LeverValue] = {}
    overrides: tuple[Override, ...] = ()

    @pydantic.field_validator("levers", "overrides", mode="before")
    @classmethod
    def _empty(cls, value: object, info: pydantic.ValidationInfo) -> object:
        return ({} if info.field_name == "levers" else ()) if _is_nothing(value) else value

    @pydantic.field_validator("probability", mode="before")
    @classmethod
    def _no_probability(cls, value: object) -> object:
        return None if _is_nothing(value) else value


def bands_complaint(bands: tuple[Band, ...]) -> str:
    """What is wrong with severity bands, or ''."""
    if not bands or bands[0].above != 0:
        return "severity bands start at 0"
    for low, high in itertools.pairwise(bands):
        if high.above <= low.above:
            return f"severity bands rise: {high.above:g} comes after {low.above:g}"
        if high.slope < low.slope:
            return f"a severity slope never falls: {high.slope:g} comes after {low.slope:g}"
    return "" if bands[-1].slope > 0 else "a severity of slope 0 throughout counts no gap at all"


def parse_bands(text: str) -> tuple[Band, ...]:
    """Severity bands from `above:slope|above:slope`; ValueError says what is wrong with them."""
    bands = []
    for part in text.split("|"):
        above, _, slope = part.partition(":")
        try:
            bands.append(Band(above=float(above), slope=float(slope)))
        except ValueError as problem:
            raise ValueError(f"'{part}' is no band; write above:slope, such as 0:1|0.2:2|0.5:4") from problem
    complaint = bands_complaint(tuple(bands))
    if complaint:
        raise ValueError(complaint)
    return tuple(bands)


def read_settings(text: str) -> tuple[Settings | None, list[Finding]]:
    """The settings of dataset.yaml's text, or None, and every problem in it."""
    content, findings = _parse(text, "dataset.yaml")
    if findings:
        return None, findings
    try:
        return Settings.model_validate(content), []
    except pydantic.ValidationError as problem:
        return None, _complaints(
            problem, "dataset.yaml", set(Settings.model_fields) | set(Beyond.model_fields) | set(Band.model_fields)
        )


def read_scenarios(text: str) -> tuple[dict[str, ScenarioSpec], list[Finding]]:
    """The scenarios of scenarios.yaml's text by name, and every problem in it."""
    content, findings = _parse(text, "scenarios.yaml")
    scenarios: dict[str, ScenarioSpec] = {}
    if len(content) > MOST_SCENARIOS:
        return {}, [error("scenarios.yaml", f"has {len(content):,} scenarios", f"at most {MOST_SCENARIOS:,}")]
    fields = set(ScenarioSpec.model_fields) | set(Override.model_fields)
    for name, spec in sorted(content.items(), key=lambda item: str(item[0])):
        try:
            scenarios[str(name)] = ScenarioSpec.model_validate({} if _is_nothing(spec) else spec)
        except pydantic.ValidationError as problem:
            findings += _complaints(problem, "scenarios.yaml", fields, str(name))
    return scenarios, findings


class _Loader(yaml.BaseLoader):
    """YAML in which every value is text as written: NO, 0123 and 2027_28 are ids as good as others.

    What a text means is said where it is used. A key twice is an error; aliases (which can grow a small file without
    end) and tags are refused.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("anchors and aliases (& and *) are not read here")
        if getattr(self.peek_event(), "tag", None) not in (None, "!"):
            raise yaml.YAMLError("tags (!) are not read here")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.YAMLError(f"a name is a plain text (line {key.start_mark.line + 1})")
            if key.value in seen:
                raise yaml.YAMLError(f"'{key.value[:40]}' stands twice (line {key.start_mark.line + 1})")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _parse(text: str, file: str) -> tuple[dict[Any, Any], list[Finding]]:
    remedy = "write it as in docs/data.md"
    if len(text) > MOST_YAML:
        return {}, [error(file, f"has {len(text)} characters", f"at most {MOST_YAML}")]
    try:
        content = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError) as problem:
        return {}, [error(file, f"is not readable YAML: {' '.join(str(problem).split())[:200]}", remedy)]
    if content is None or _is_nothing(content):
        content = {}
    if not isinstance(content, dict):
        return {}, [error(file, "is not a list of names and values", remedy)]
    return content, []


def _complaints(problem: pydantic.ValidationError, file: str, known: set[str], within: str = "") -> list[Finding]:
    findings = []
    for one in problem.errors(include_url=False, include_context=False):
        parts = [within] if within else []
        place = ".".join(parts + [str(part)[:40] for part in one["loc"]])
        given = one.get("input")
        value = str(given)[:80] if isinstance(given, str | int | float | bool) else ""
        if one["type"] == "extra_forbidden":
            message, remedy = "is unknown here", suggestion(str(one["loc"][-1]), known)
        elif one["type"] == "missing":
            message, remedy = "is missing", f"add it to {file}"
        else:
            text = one["msg"].removeprefix("Value error, ")
            message, remedy = text[:1].lower() + text[1:], "see docs/data.md for what belongs here"
        findings.append(error(file, message, remedy, column=place, value=value))
    return findings
