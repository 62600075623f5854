"""Who pays shared bills: the contributions to expansions and to innovation lines, in words."""

from __future__ import annotations

from optimizer.plans.plan import Plan


def who_pays(plan: Plan) -> dict[str, str]:
    """Expansion or innovation line -> who pays how much of it (millions), the largest part first."""
    payers = plan.tables["contributions"].groupby(["item", "nation"])["amount"].sum().reset_index()
    payers = payers.sort_values(["amount", "nation"], ascending=[False, True])
    return {
        str(item): ", ".join(f"{n} {a:,.0f}" for n, a in zip(group["nation"], group["amount"], strict=True) if a >= 0.5)
        for item, group in payers.groupby("item")
    }
