"""Policy (MODEL.md, section 8), one module a subject: dependence, money, the last plan, what is forced in or out.

Its modules are imported here, since a rule is known once its module is.
"""

from models.policy import dependence, forced, last_plan, money

__all__ = ["dependence", "forced", "last_plan", "money"]
