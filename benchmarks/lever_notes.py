"""Why a row of the lever table is not as expected: point -> cause; written after measuring, expectations stay."""

from collections.abc import Mapping

NOTES: Mapping[str, str] = {}
