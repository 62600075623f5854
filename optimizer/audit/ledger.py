"""What the audit writes down: findings, rows checked by rule, and the one tolerance of all comparisons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

TOLERANCE = 1e-6
"""A row is accepted whose violation is at most this times max(1, its largest absolute term)."""


@dataclass(frozen=True)
class AuditFinding:
    """One thing in a plan that does not agree with the rules or with the plan's own figures."""

    rule: str
    place: str
    message: str
    required: float | None = None
    achieved: float | None = None

    def __str__(self) -> str:
        """Return the finding as one line."""
        return f"{self.rule}: {self.place}: {self.message}"


@dataclass(frozen=True)
class AuditReport:
    """The outcome of an audit: findings, what was not checked, and rows checked by rule."""

    findings: tuple[AuditFinding, ...]
    not_checked: tuple[str, ...]
    checked: dict[str, int]

    @property
    def ok(self) -> bool:
        """Return True when nothing was found."""
        return not self.findings


def tolerance(*terms: float) -> float:
    """Return the violation that a row with these terms may show."""
    return TOLERANCE * max(1.0, *map(abs, terms)) if terms else TOLERANCE


def number(value: float) -> str:
    """Return a number as a person reads it, with all digits that the tables have."""
    return f"{value:.10g}"


def place(*parts: object) -> str:
    """Return the place of a row: its keys, apart from those that do not apply."""
    return ", ".join(str(part) for part in parts if part not in ("", "-"))


@dataclass
class Ledger:
    """Collects findings; a rule or table that this version does not model is counted as not checked."""

    skipped: frozenset[str] = frozenset()
    findings: list[AuditFinding] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)

    def skips(self, rule: str) -> bool:
        """Return True if the plan says that this rule or table is not modelled."""
        return rule in self.skipped or rule.partition(".")[2] in self.skipped

    def fail(
        self, rule: str, where: str, message: str, required: float | None = None, achieved: float | None = None
    ) -> None:
        """Write down a finding."""
        if not self.skips(rule):
            self.findings.append(AuditFinding(rule, where, message, required, achieved))

    def holds(self, rule: str, where: str, condition: bool, message: str) -> bool:
        """Count a check and write a finding when the condition is false."""
        self.checked[rule] += 1
        if not condition:
            self.fail(rule, where, message)
        return condition

    def equal(
        self, rule: str, where: str, what: str, required: float, achieved: float, *, terms: Iterable[float] = ()
    ) -> bool:
        """Check that the printed figure is the recomputed one."""
        good = abs(achieved - required) <= tolerance(required, achieved, *terms)
        return self._compared(good, rule, where, f"{what} is", " but should be", required, achieved)

    def at_most(
        self, rule: str, where: str, what: str, limit: float, achieved: float, *, terms: Iterable[float] = ()
    ) -> bool:
        """Check an upper limit."""
        scale = [achieved, *terms] if limit == float("inf") else [limit, achieved, *terms]
        good = achieved - limit <= tolerance(*scale)
        return self._compared(good, rule, where, f"{what} is", ", above the limit", limit, achieved)

    def at_least(
        self, rule: str, where: str, what: str, limit: float, achieved: float, *, terms: Iterable[float] = ()
    ) -> bool:
        """Check a lower limit."""
        good = limit - achieved <= tolerance(limit, achieved, *terms)
        return self._compared(good, rule, where, f"{what} is", ", below the minimum", limit, achieved)

    def _compared(
        self, good: bool, rule: str, where: str, subject: str, verdict: str, required: float, achieved: float
    ) -> bool:
        """Count a comparison and write a finding with both figures when it fails."""
        self.checked[rule] += 1
        if not good:
            message = f"{subject} {number(achieved)}{verdict} {number(required)}."
            self.fail(rule, where, message, required, achieved)
        return good

    def report(self) -> AuditReport:
        """Return the report; findings in the order of rule and place."""
        findings = sorted(self.findings, key=lambda finding: (finding.rule, finding.place, finding.message))
        checked = {rule: self.checked[rule] for rule in sorted(self.checked) if not self.skips(rule)}
        return AuditReport(tuple(findings), tuple(sorted(self.skipped)), checked)
