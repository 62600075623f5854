"""A data set of three nations, small enough to follow by hand, as CSV texts that a test can change."""
# ruff: noqa: E501

import pathlib
from collections.abc import Mapping

DATASET_YAML = """\
name: small
marking: ILLUSTRATIVE - PUBLIC SOURCES ONLY
currency: USD
price_base_year: 2026
first_year: 2027
last_year: 2029
contribution_max: 0.1
sponsor_max: 2
severity: [{above: 0.0, slope: 1}, {above: 0.2, slope: 2}, {above: 0.5, slope: 4}]
urgency: {2027: 1}
levers: {carry_over: 0.1}
"""
SCENARIOS_YAML = """\
base: {probability: 0.5}
lean: {probability: 0.3, levers: {growth_shift: -0.01, carry_over: 0.0}}
line_lost: {probability: 0.2, overrides: [{table: line_capacity, where: {line: l1}, column: capacity, multiply: 0.5}]}
"""


def _yearly(rows: str) -> str:
    return "".join(f"{row.replace('@', str(year))}\n" for row in rows.split() for year in (2027, 2028, 2029))


TABLES: Mapping[str, str] = {
    "nations": "nation,name,eu,region,signing_cycle,signing_offset\nDEU,Germany,1,EUROPE,1,0\nPOL,Poland,1,EUROPE,2,2027\n"
    "USA,United States,0,NORTH_AMERICA,,\n",
    "economy": "nation,year,gdp,deflator\n" + _yearly("DEU,@,4000, POL,@,1000, USA,@,20000,"),
    "budget_path": "nation,year,pillar,gdp_share,committed_share,committed_equipment_share\n"
    + _yearly(
        "DEU,@,core,0.025,0.5,0.2 DEU,@,resilience,0.01,0.5,0 POL,@,core,0.045,0.5,0.2 POL,@,resilience,0.01,0.5,0 "
        "USA,@,core,0.03,0.9,0.2 USA,@,resilience,0.01,0.9,0"
    ),
    "areas": "area,name,pillar,unit,weight,standard,integration_tax,threat_year,severity\n"
    "iamd,Air defence,core,batteries,3,nato,0.1,2028,\nammo,Ammunition,core,kt,2,,,,0:1|0.5:3\n"
    "c2,Command,core,index,1,,,,\n",
    "targets": "nation,area,year,target,baseline,baseline_us\n"
    + _yearly("DEU,iamd,@,10,6, POL,iamd,@,6,2, USA,iamd,@,20,18, ALL,ammo,@,100,60,40 DEU,c2,@,5,4,"),
    "programmes": "programme,name,area,pillar,category,unit,unit_cost,cost_growth,down_payment,lot,lead_years,"
    "service_years,first_order_year,last_order_year,sustain_cost,type_overhead,standard,fleet_class,sme_share,"
    "eu_content,requires_innovation\n"
    "sam,Missile battery,iamd,core,equipment,battery,5,0.01,0.2,1,1,,,,0.1,0.2,nato,sam,0.1,0.8,\n"
    "shell,Shells,ammo,core,munition,kt,0.5,0,1,0,0,10,2027,2029,0,0,,,0.1,0.9,\n",
    "effects": "programme,area,effect\nsam,iamd,1\nshell,ammo,1\n",
    "customers": "nation,programme,max_units,units_operated\nDEU,sam,10,2\nPOL,sam,4,\nUSA,sam,,\nDEU,shell,,\nPOL,shell,50,\n",
    "frames": "frame,programme,name,agency,first_launch,last_launch,min_members,min_units,joining_cost,annual_fee,"
    "commit_years,min_annual_units,extra_lead_years,workshare_min,eu_content_min,loan_facility,launched\n"
    "f1,sam,Joint battery,OCCAR,2027,2028,2,4,0.1,0.05,1,1,0,0,0.65,safe,\n",
    "frame_members": "frame,nation,status\nf1,DEU,candidate\nf1,POL,committed\n",
    "price_tiers": "frame,from_units,price_factor\nf1,4,0.95\nf1,8,0.9\n",
    "lines": "line,name,nation,current_output,ramp\nl1,Battery line,DEU,4,2\nl2,Shell line,KOR,60,\n",
    "line_capacity": "line,year,capacity\n" + _yearly("l1,@,8 l2,@,80"),
    "line_programmes": "line,programme,capacity_use\nl1,sam,1\nl2,shell,\n",
    "components": "component,name\nseeker,Seeker\n",
    "component_capacity": "component,year,capacity\n" + _yearly("seeker,@,100"),
    "bill_of_materials": "programme,component,quantity\nsam,seeker,10\n",
    "expansions": "expansion,name,line_or_component,kind,added_capacity,cost,annual_cost,build_years,first_year,last_year,"
    "host,host_share_min,guaranteed_load,guarantee_years\nx1,Second shift,l1,shift,2,1,0.1,1,,,DEU,0.4,0.5,1\n",
    "innovation": "innovation,name,sponsor,pillar,pilot_cost,pilot_years,scale_cost,scale_years,fast_years,fast_cost_factor,"
    "success_probability,sme_share,first_year,complete_year\nv1,Swarm,DEU;POL,resilience,1,1,2,1,1,1.3,0.6,0.4,,\n",
    "innovation_effects": "innovation,area,closes\nv1,iamd,0.1\n",
    "requires": "area,enabler,ratio\niamd,c2,10\n",
    "incompatible": "programme_a,programme_b,scope\nsam,shell,NORTH_AMERICA\n",
    "loans": "facility,nation,amount,first_year,last_year,interest\nsafe,POL,10,2027,2028,0.03\n",
    "rules": "rule,scope,value,hardness,penalty,from_year\nfleet_limit,sam,2,hard,,\njoint_share_min,EU,0.1,soft,10,2028\n"
    "closure_min,EUROPE:iamd,0.3,soft,5,2029\nchange_max,ALL,0.9,soft,1,\n",
    "pipeline": "nation,programme,year,units\nDEU,sam,2027,1\n",
    "obligations": "nation,year,pillar,kind,item,amount\nDEU,2027,core,payment,sam,1.5\n",
    "prior_plan": "nation,programme,channel,year,units,unit_price,value\nDEU,sam,national,2027,1,5,5\nPOL,sam,f1,2028,2,4.9,9.8\n",
    "sources": "table,key,column,source,year,basis,note\nprogrammes,sam,unit_cost,price list,2026,published,\n",
}


def small_folder(folder: pathlib.Path, **changed: str | None) -> pathlib.Path:
    """Write the data set; a keyword replaces a table's text (None: leaves the file out), `dataset_yaml` and
    `scenarios_yaml` the other two files."""
    texts: dict[str, str | None] = {f"{name}.csv": text for name, text in TABLES.items()}
    texts |= {"dataset.yaml": DATASET_YAML, "scenarios.yaml": SCENARIOS_YAML}
    for name, text in changed.items():
        texts[name.replace("_yaml", ".yaml") if name.endswith("_yaml") else f"{name}.csv"] = text
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        if text is not None:
            (folder / file).write_text(text, encoding="utf-8")
    return folder


def with_row(table: str, row: str) -> str:
    """A table's text with one more row."""
    return TABLES[table] + row + "\n"


def edited(table: str, old: str, new: str) -> str:
    """A table's text with the first `old` replaced; the test fails if it isn't there."""
    if old not in TABLES[table]:
        raise ValueError(f"{old!r} is not in {table}")
    return TABLES[table].replace(old, new, 1)
