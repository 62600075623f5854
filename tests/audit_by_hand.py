"""A plan of three nations and three years, every figure of it worked by hand: what the audit must accept.

The story (millions; DEU, POL and USA have a GDP of 10000, 5000 and 20000 in every year):

- sam, 100 a unit, 20 % down, delivered a year later, through f_sam: DEU orders 2 and 1, POL 1 and 1 in 2027 and 2028.
  Five units reach the second tier: 0.9, so 90 a unit. Fees: 2 to join and 1 in each of two commitment years.
- shell, 5 a unit and 10 % dearer each year, divisible, delivered at once, in service two years: POL orders 8, 4, 4.
- sat, 50 a unit, paid at delivery: DEU orders 1 alone; USA 1 through f_old, launched in 2025, which with the one of
  its pipeline makes 2 and so the first tier: 45.
- hub, 10 a unit from resilience: DEU orders 2. loiter, 2 a unit, once swarm is complete: POL orders 20 in 2028.
- x_sam: sam_line grows by 2 from 2028 on, for 12 in 2027 and 1 a year after.
- swarm in fast mode: (6 + 12) * 1.5 = 27 in 2027 by DEU and POL, 2 to 1. smart: 7 in 2027 and 14 in 2028 by all,
  2 to 1 to 4. old was complete in 2026.
- POL draws 15 and 20 from safe at 2 %: it pays 0.3 in 2028 and 0.7 in 2029.
"""

from __future__ import annotations

from pathlib import Path

from tests.worked_plan import Worked

YEARS = (2027, 2028, 2029)

SETTINGS = """
name: by_hand
description: three nations, three years
marking: INVENTED FIGURES
currency: USD
price_base_year: 2027
first_year: 2027
last_year: 2029
severity: [{above: 0.0, slope: 1}, {above: 0.5, slope: 3}]
urgency: {2027: 0.5}
levers: {pillar_shift: 0.1, persistence: 2}
"""

DATA = {
    "nations": """nation,name,eu,region,signing_cycle,signing_offset
DEU,Germany,1,Europe,,
POL,Poland,1,Europe,2,2027
USA,United States,0,America,,""",
    "areas": """area,name,pillar,unit,weight,standard,integration_tax,threat_year,severity
air,Air defence,core,batteries,4,link,0.5,2028,
ammo,Ammunition,core,thousand shells,2,,,,
space,Space,core,satellites,1,,,,
rail,Rail,resilience,hubs,1,,,,""",
    "programmes": """programme,name,area,pillar,category,unit,unit_cost,cost_growth,down_payment,lot,lead_years,\
service_years,first_order_year,last_order_year,sustain_cost,type_overhead,standard,fleet_class,sme_share,eu_content,\
requires_innovation
sam,Battery,air,core,equipment,batteries,100,,0.2,1,1,,,,2,3,link,sam,0.1,0.7,
pat,Other battery,air,core,equipment,batteries,120,,0.2,1,1,,,,2,4,,sam,0.1,0.1,
shell,Shells,ammo,core,munition,thousand shells,5,0.1,,0,0,2,,,,,,,0.2,1,
sat,Satellite,space,core,equipment,satellites,50,,,1,1,,,,1,,,,,0.2,
hub,Rail hub,rail,resilience,infrastructure,hubs,10,,,1,0,,,,,,,,0.4,1,
loiter,Loitering munition,ammo,core,munition,pieces,2,,,10,0,,,,,,,,0.1,1,swarm""",
    "effects": """programme,area,effect
sam,air,1
pat,air,1
shell,ammo,1
sat,space,1
hub,rail,1
loiter,ammo,0.1""",
    "customers": """nation,programme,max_units,units_operated
DEU,sam,6,
POL,sam,6,
USA,pat,4,5
POL,pat,2,
DEU,sat,2,
USA,sat,2,
POL,shell,,
DEU,shell,20,
DEU,hub,4,
POL,loiter,50,""",
    "frames": """frame,programme,name,agency,first_launch,last_launch,min_members,min_units,joining_cost,annual_fee,\
commit_years,min_annual_units,extra_lead_years,workshare_min,eu_content_min,loan_facility,launched
f_old,sat,Earlier buy,agency,,,1,2,2,1,3,,,,,,2025
f_sam,sam,Joint buy,agency,2027,2028,2,4,2,1,2,1,,0.5,0.65,safe,""",
    "frame_members": """frame,nation,status
f_old,USA,member
f_sam,DEU,committed
f_sam,POL,candidate
f_sam,USA,excluded""",
    "price_tiers": """frame,from_units,price_factor
f_old,2,0.9
f_sam,3,0.95
f_sam,5,0.9
f_sam,8,0.8""",
    "lines": """line,name,nation,current_output,ramp
sam_line,Battery line,DEU,0,2
shell_line,Shell line,POL,4,""",
    "line_programmes": """line,programme,capacity_use
sam_line,sam,1
shell_line,shell,0.5
shell_line,loiter,0.1""",
    "components": """component,name
propellant,Propellant""",
    "bill_of_materials": """programme,component,quantity
shell,propellant,2""",
    "expansions": """expansion,name,line_or_component,kind,added_capacity,cost,annual_cost,build_years,first_year,\
last_year,host,host_share_min,guaranteed_load,guarantee_years
x_sam,Second shift,sam_line,shift,2,12,1,1,2027,2028,DEU,0.5,0.4,1""",
    "innovation": """innovation,name,sponsor,pillar,pilot_cost,pilot_years,scale_cost,scale_years,fast_years,\
fast_cost_factor,success_probability,sme_share,first_year,complete_year
old,Earlier line,DEU,resilience,1,1,1,1,,,0.5,,,2026
smart,Smart radar,ALL,core,7,1,14,1,,,0.4,,,
swarm,Swarm control,DEU;POL,resilience,6,1,12,1,1,1.5,0.8,0.5,,""",
    "innovation_effects": """innovation,area,closes
old,rail,0.1
smart,air,0.1
swarm,ammo,0.25""",
    "requires": """area,enabler,ratio
air,space,1""",
    "incompatible": """programme_a,programme_b,scope
pat,sam,EU""",
    "loans": """facility,nation,amount,first_year,last_year,interest
safe,POL,60,2027,2028,0.02""",
    "rules": """rule,scope,value,hardness,penalty,from_year
change_max,ALL,0.8,hard,,
closure_min,DEU:rail,0.5,hard,,2028
common_standard_min,air,0.9,soft,1,
equipment_share_min,EU,0.1,hard,,
eu_content_min,EU,0.6,hard,,
fleet_limit,sam,1,hard,,
innovation_share_min,EU,0.02,hard,,
joint_share_min,ALL,0.4,soft,5,
risk_max,ALL,0.6,hard,,
single_line_max,air,1,hard,,
single_nation_max,space,0.9,hard,,
sme_share_min,EU,0.1,hard,,
spend_floor,DEU,0.2,soft,0.5,
spend_growth_max,USA,0.5,hard,,
surge_min,air,2,soft,0.1,
variant_limit,sam,1,hard,,""",
    "pipeline": """nation,programme,year,units
USA,sat,2028,1""",
    "obligations": """nation,year,pillar,kind,item,amount
USA,2027,core,payment,pat_old,50""",
    "prior_plan": """nation,programme,channel,year,units,unit_price,value
DEU,hub,national,2027,2,10,20
POL,shell,national,2027,12,5,60""",
}


def _yearly(header: str, *rows: str) -> str:
    """The rows for every year: {y} stands for the year."""
    return "\n".join([header, *(row.replace("{y}", str(year)) for row in rows for year in YEARS)])


DATA |= {
    "economy": _yearly("nation,year,gdp,deflator", "DEU,{y},10000,", "POL,{y},5000,", "USA,{y},20000,"),
    "budget_path": _yearly(
        "nation,year,pillar,gdp_share,committed_share,committed_equipment_share",
        "DEU,{y},core,0.03,0.1,0.2",
        "DEU,{y},resilience,0.01,,",
        "POL,{y},core,0.04,0.1,0.2",
        "POL,{y},resilience,0.01,,",
        "USA,{y},core,0.02,0.1,0.2",
        "USA,{y},resilience,0.005,,",
    ),
    "targets": _yearly(
        "nation,area,year,target,baseline,baseline_us",
        "DEU,air,{y},10,2,",
        "POL,air,{y},10,,",
        "USA,air,{y},20,15,",
        "POL,ammo,{y},20,,",
        "ALL,space,{y},10,4,3",
        "DEU,rail,{y},4,,",
    ),
    "line_capacity": _yearly("line,year,capacity", "sam_line,{y},3", "shell_line,{y},10"),
    "component_capacity": _yearly("component,year,capacity", "propellant,{y},24"),
}

TABLES = {
    "orders": """nation,programme,channel,year,units,unit_price,value
DEU,hub,national,2027,2,10,20
DEU,sam,f_sam,2027,2,90,180
DEU,sam,f_sam,2028,1,90,90
DEU,sat,national,2027,1,50,50
POL,loiter,national,2028,20,2,40
POL,sam,f_sam,2027,1,90,90
POL,sam,f_sam,2028,1,90,90
POL,shell,national,2027,8,5,40
POL,shell,national,2028,4,5.5,22
POL,shell,national,2029,4,6.05,24.2
USA,sat,f_old,2027,1,45,45""",
    "deliveries": """nation,programme,year,units,in_service
DEU,hub,2027,2,2
DEU,hub,2028,0,2
DEU,hub,2029,0,2
DEU,sam,2028,2,2
DEU,sam,2029,1,3
DEU,sat,2028,1,1
DEU,sat,2029,0,1
POL,loiter,2028,20,20
POL,loiter,2029,0,20
POL,sam,2028,1,1
POL,sam,2029,1,2
POL,shell,2027,8,8
POL,shell,2028,4,12
POL,shell,2029,4,8
USA,sat,2028,2,2
USA,sat,2029,0,2""",
    # Core: DEU 41, 225, 82; POL 62, 160.3, 103.9; USA 55.5, 55.5, 2.5. Resilience: DEU 46, 1, 0.5; POL 13, 0, 0.5.
    "spending": """nation,year,pillar,kind,item,channel,area,amount
DEU,2027,core,fee,f_sam,-,air,3
DEU,2027,core,innovation,smart,-,-,2
DEU,2027,core,payment,sam,f_sam,air,36
DEU,2027,resilience,industry,x_sam,-,-,8
DEU,2027,resilience,innovation,swarm,-,-,18
DEU,2027,resilience,payment,hub,national,rail,20
DEU,2028,core,fee,f_sam,-,air,1
DEU,2028,core,innovation,smart,-,-,4
DEU,2028,core,overhead,sam,-,air,3
DEU,2028,core,payment,sam,f_sam,air,162
DEU,2028,core,payment,sat,national,space,50
DEU,2028,core,sustainment,sam,-,air,4
DEU,2028,core,sustainment,sat,-,space,1
DEU,2028,resilience,industry,x_sam,-,-,1
DEU,2029,core,overhead,sam,-,air,3
DEU,2029,core,payment,sam,f_sam,air,72
DEU,2029,core,sustainment,sam,-,air,6
DEU,2029,core,sustainment,sat,-,space,1
DEU,2029,resilience,industry,x_sam,-,-,0.5
POL,2027,core,fee,f_sam,-,air,3
POL,2027,core,innovation,smart,-,-,1
POL,2027,core,payment,sam,f_sam,air,18
POL,2027,core,payment,shell,national,ammo,40
POL,2027,resilience,industry,x_sam,-,-,4
POL,2027,resilience,innovation,swarm,-,-,9
POL,2028,core,fee,f_sam,-,air,1
POL,2028,core,innovation,smart,-,-,2
POL,2028,core,interest,safe,-,-,0.3
POL,2028,core,overhead,sam,-,air,3
POL,2028,core,payment,loiter,national,ammo,40
POL,2028,core,payment,sam,f_sam,air,90
POL,2028,core,payment,shell,national,ammo,22
POL,2028,core,sustainment,sam,-,air,2
POL,2029,core,interest,safe,-,-,0.7
POL,2029,core,overhead,sam,-,air,3
POL,2029,core,payment,sam,f_sam,air,72
POL,2029,core,payment,shell,national,ammo,24.2
POL,2029,core,sustainment,sam,-,air,4
POL,2029,resilience,industry,x_sam,-,-,0.5
USA,2027,core,fee,f_old,-,space,1
USA,2027,core,innovation,smart,-,-,4
USA,2027,core,integration_tax,pat,-,air,0.5
USA,2027,core,obligation,pat_old,-,-,50
USA,2028,core,innovation,smart,-,-,8
USA,2028,core,integration_tax,pat,-,air,0.5
USA,2028,core,payment,sat,f_old,space,45
USA,2028,core,sustainment,sat,-,space,2
USA,2029,core,integration_tax,pat,-,air,0.5
USA,2029,core,sustainment,sat,-,space,2""",
    "budgets": """nation,year,pillar,gdp,planned,committed,available,loan,carried_in,shifted_in,spent,carried_out,\
unspent,share_of_gdp
DEU,2027,core,10000,300,30,270,0,0,-5,41,10,214,0.0071
DEU,2027,resilience,10000,100,0,100,0,0,5,46,5,54,0.0046
DEU,2028,core,10000,300,30,270,0,10,0,225,0,55,0.0255
DEU,2028,resilience,10000,100,0,100,0,5,0,1,0,104,0.0001
DEU,2029,core,10000,300,30,270,0,0,0,82,0,188,0.0112
DEU,2029,resilience,10000,100,0,100,0,0,0,0.5,0,99.5,0.00005
POL,2027,core,5000,200,20,180,15,0,0,62,9,124,0.0164
POL,2027,resilience,5000,50,0,50,0,0,0,13,0,37,0.0026
POL,2028,core,5000,200,20,180,20,9,0,160.3,0,48.7,0.03606
POL,2028,resilience,5000,50,0,50,0,0,0,0,0,50,0
POL,2029,core,5000,200,20,180,0,0,0,103.9,0,76.1,0.02478
POL,2029,resilience,5000,50,0,50,0,0,0,0.5,0,49.5,0.0001
USA,2027,core,20000,400,40,360,0,0,0,55.5,0,304.5,0.004775
USA,2027,resilience,20000,100,0,100,0,0,0,0,0,100,0
USA,2028,core,20000,400,40,360,0,0,0,55.5,0,304.5,0.004775
USA,2028,resilience,20000,100,0,100,0,0,0,0,0,100,0
USA,2029,core,20000,400,40,360,0,0,0,2.5,0,357.5,0.002125
USA,2029,resilience,20000,100,0,100,0,0,0,0,0,100,0""",
    # Space enables air: of the 4, 7 and 7 there, a quarter each counts for DEU and POL: at most 1, 1.75 and 1.75.
    "gaps": """nation,area,year,target,baseline,delivered,credited,innovation,shortfall,closure
ALL,space,2027,10,4,0,0,0,6,0.4
ALL,space,2028,10,4,3,3,0,3,0.7
ALL,space,2029,10,4,3,3,0,3,0.7
DEU,air,2027,10,2,0,0,0,8,0.2
DEU,air,2028,10,2,2,1.75,0,6.25,0.375
DEU,air,2029,10,2,3,1.75,0.4,5.85,0.415
DEU,rail,2027,4,0,2,2,0.2,1.8,0.55
DEU,rail,2028,4,0,2,2,0.2,1.8,0.55
DEU,rail,2029,4,0,2,2,0.2,1.8,0.55
POL,air,2027,10,0,0,0,0,10,0
POL,air,2028,10,0,1,1,0,9,0.1
POL,air,2029,10,0,2,1.75,0.4,7.85,0.215
POL,ammo,2027,20,0,8,8,0,12,0.4
POL,ammo,2028,20,0,14,14,4,2,0.9
POL,ammo,2029,20,0,10,10,4,6,0.7
USA,air,2027,20,15,0,0,0,5,0.75
USA,air,2028,20,15,0,0,0,5,0.75
USA,air,2029,20,15,0,0,0.8,4.2,0.79""",
    "settled": "nation,area,target,baseline,delivered,credited,innovation,shortfall,closure",
    "beyond": "nation,year,pillar,money,bound,free",
    "collective": """area,nation,year,delivered
space,DEU,2028,1
space,DEU,2029,1
space,USA,2028,2
space,USA,2029,2""",
    "frames": """frame,programme,launch_year,members,units,tier,price_factor,saving,fees
f_old,sat,2025,1,1,1,0.9,5,1
f_sam,sam,2027,2,5,2,0.9,50,8""",
    "members": """frame,nation,units,value,saving,work_value
f_old,USA,1,45,5,0
f_sam,DEU,3,270,30,500
f_sam,POL,2,180,20,0""",
    "loans": """facility,nation,year,kind,drawn,interest
safe,POL,2027,loan,15,0
safe,POL,2028,loan,20,0.3
safe,POL,2029,loan,0,0.7""",
    "production": """line,programme,year,units
sam_line,sam,2028,3
sam_line,sam,2029,2
shell_line,loiter,2028,20
shell_line,shell,2027,8
shell_line,shell,2028,4
shell_line,shell,2029,4""",
    "capacity": """line_or_component,year,capacity,added,used,utilisation
propellant,2027,24,0,16,0.666666666667
propellant,2028,24,0,8,0.333333333333
propellant,2029,24,0,8,0.333333333333
sam_line,2027,3,0,0,0
sam_line,2028,3,2,3,0.6
sam_line,2029,3,2,2,0.4
shell_line,2027,10,0,4,0.4
shell_line,2028,10,0,4,0.4
shell_line,2029,10,0,2,0.2""",
    "expansions": """expansion,start_year,opens,cost,running_cost,host
x_sam,2027,2028,12,2,DEU""",
    "contributions": """item,nation,year,amount
smart,DEU,2027,2
smart,DEU,2028,4
smart,POL,2027,1
smart,POL,2028,2
smart,USA,2027,4
smart,USA,2028,8
swarm,DEU,2027,18
swarm,POL,2027,9
x_sam,DEU,2027,8
x_sam,DEU,2028,1
x_sam,DEU,2029,0.5
x_sam,POL,2027,4
x_sam,POL,2029,0.5""",
    "innovation": """innovation,mode,pilot_year,scale_year,complete_year,cost
smart,normal,2027,2028,2029,21
swarm,fast,2027,0,2028,27""",
    # Payments for equipment and munition: 270 + 50 + 180 + 86.2 + 40 + 45 = 671.2, of them 495 through frames.
    # EU: 189 + 10 + 126 + 86.2 + 40 = 451.2 of 626.2. Small firms of the EU: 27 + 8 + 18 + 17.24 + 4 + 13.5 = 87.74
    # of 682.2. Surge in 2028: 5 / 3, and 2 * 3 - 5 = 1 of
    # the 3 that the line has before its expansion is missing. DEU's floor of 20 misses 19 and 19.5 of 100.
    "rules": """rule,scope,from_year,item,year,required,achieved,unit,slack,hardness,met,penalty
change_max,ALL,2027,-,2029,0.8,0.25,share,0.55,hard,1,0
closure_min,DEU:rail,2028,-,2028,0.5,0.55,share,0.05,hard,1,0
closure_min,DEU:rail,2028,-,2029,0.5,0.55,share,0.05,hard,1,0
common_standard_min,air,2027,-,2028,0.9,1,share,0.1,soft,1,0
common_standard_min,air,2027,-,2029,0.9,1,share,0.1,soft,1,0
equipment_share_min,EU,2027,DEU,2027,0.1,0.14,share,0.04,hard,1,0
equipment_share_min,EU,2027,DEU,2028,0.1,0.726666666667,share,0.626666666667,hard,1,0
equipment_share_min,EU,2027,DEU,2029,0.1,0.26,share,0.16,hard,1,0
equipment_share_min,EU,2027,POL,2027,0.1,0.31,share,0.21,hard,1,0
equipment_share_min,EU,2027,POL,2028,0.1,0.78,share,0.68,hard,1,0
equipment_share_min,EU,2027,POL,2029,0.1,0.501,share,0.401,hard,1,0
eu_content_min,EU,2027,-,2029,0.6,0.720536569786,share,0.120536569786,hard,1,0
fleet_limit,sam,2027,DEU,2029,1,1,count,0,hard,1,0
fleet_limit,sam,2027,POL,2029,1,1,count,0,hard,1,0
fleet_limit,sam,2027,USA,2029,1,1,count,0,hard,1,0
innovation_share_min,EU,2027,-,2029,0.02,0.06,share,0.04,hard,1,0
joint_share_min,ALL,2027,-,2029,0.4,0.737485101311,share,0.337485101311,soft,1,0
risk_max,ALL,2027,-,2029,0.6,0.4375,share,0.1625,hard,1,0
single_line_max,air,2027,sam_line,2029,1,1,share,0,hard,1,0
single_nation_max,space,2027,DEU,2029,0.9,0.142857142857,share,0.757142857143,hard,1,0
single_nation_max,space,2027,USA,2029,0.9,0.714285714286,share,0.185714285714,hard,1,0
sme_share_min,EU,2027,-,2029,0.1,0.128613309880,share,0.028613309880,hard,1,0
spend_floor,DEU,2027,DEU:core,2027,0.2,0.236666666667,share,0.036666666667,soft,1,0
spend_floor,DEU,2027,DEU:core,2028,0.2,0.85,share,0.65,soft,1,0
spend_floor,DEU,2027,DEU:core,2029,0.2,0.373333333333,share,0.173333333333,soft,1,0
spend_floor,DEU,2027,DEU:resilience,2027,0.2,0.46,share,0.26,soft,1,0
spend_floor,DEU,2027,DEU:resilience,2028,0.2,0.01,share,-0.19,soft,0,0.095
spend_floor,DEU,2027,DEU:resilience,2029,0.2,0.005,share,-0.195,soft,0,0.0975
spend_growth_max,USA,2027,USA,2028,0.5,0,growth,0.5,hard,1,0
spend_growth_max,USA,2027,USA,2029,0.5,-0.554973821990,growth,1.054973821990,hard,1,0
surge_min,air,2027,-,2028,2,1.666666666667,ratio,-0.333333333333,soft,0,0.0333333333333
surge_min,air,2027,-,2029,2,2.5,ratio,0.5,soft,1,0
variant_limit,sam,2027,-,2029,1,1,count,0,hard,1,0""",
    "shadow_prices": "constraint,key,year,price,unit",
}

# The gap index: weights 4, 2, 1, 1; air doubles from 2028; phi(r) = r, above 0.5 three times as steep; phi(1) = 2.
# Worst: 2 * (0.5 * 8 + 12 + 12) = 56.
# After: 0.5 * (4 * 0.975 + 2 * 0.8 + 0.8 + 0.45) + (8 * 0.76875 + 0.2 + 0.3 + 0.45) + (8 * 0.6325 + 0.6 + 0.3 + 0.45)
#      = 3.375 + 7.1 + 6.41 = 16.885.
# Before: 0.5 * (3.9 + 4 + 0.8 + 1.85) + 2 * (7.8 + 4 + 0.5 + 1.85) = 5.275 + 28.3 = 33.575.
AFTER = 100 * 16.885 / 56
BEFORE = 100 * 33.575 / 56
PENALTY = 0.1 / 3 + 0.095 + 0.0975
VALUE = AFTER + PENALTY + 2 * 0.25

# Least closure. Weights by year: air 2, 8, 8, of which a quarter each is DEU's and POL's; ammo 1, 2, 2; rail 0.5, 1, 1.
# DEU misses 0.4 + 1.25 + 1.17 in air and 0.225 + 0.45 + 0.45 in rail, of 7; POL 3.87 + 1.4 of 9.5; USA far less. Air
# has shortfalls of 23, 20.25 and 17.9 of 40.
WORST_NATION = 1 - 3.945 / 7
WORST_AREA = 1 - (2 * 23 + 8 * 20.25 + 8 * 17.9) / 40 / 18

KPIS: dict[str, object] = {
    "cost": 848.7,
    "joint_share": 495 / 671.2,
    "eu_content": 460.2 / 671.2,
    "sme_share": 87.74 / 739.2,
    "innovation_share": 27 / 750,
    "core_share": {"ALL": 278.4 / 35000, "DEU": 0.0112, "POL": 0.02478, "USA": 0.002125},
    "resilience_share": {"ALL": 1 / 35000, "DEU": 0.00005, "POL": 0.0001, "USA": 0.0},
    "pledge_credit": {"ALL": 279.4 / 35000, "DEU": 0.01125, "POL": 0.02488, "USA": 0.002125},
    "planned_share": {
        "core": {"ALL": 900 / 35000, "DEU": 0.03, "POL": 0.04, "USA": 0.02},
        "resilience": {"ALL": 250 / 35000, "DEU": 0.01, "POL": 0.01, "USA": 0.005},
    },
    "at_risk": 0.2 * 40 / 691.2,  # the loitering munitions, should the swarm fail
    "joint_saving": 46.0,
    "freedom_of_manoeuvre": {"2027": 1 - 57 / 1060, "2028": 1 - 313 / 1060, "2029": 1 - 144 / 1060},
    "arrival_margin": {"air": None},
    "order_stability": {"sam_line": 1 - 4 / 6, "shell_line": 1 - 2 / 8},
    "pilots": 1,
    "scaled": 1,
    "fast": 1,
    "largest_line_dependency": {"air": 1.0, "ammo": 1.0, "space": 0.0, "rail": 0.0},
    "integration_tax": 1.5,
    "burden": {
        "DEU": {"input": 485.5 / 30000, "contribution": 2.8 / 24, "added": 2.2 / 24, "benefit": 5.61 / 15},
        "POL": {"input": 399.7 / 15000, "contribution": 3.5 / 24, "added": 3.5 / 24, "benefit": 5.26 / 18},
        "USA": {"input": 233.5 / 60000, "contribution": 5.8 / 24, "added": 0.4 / 24, "benefit": 9.16 / 12},
    },
}

HEADER: dict[str, object] = {
    "dataset": "by_hand",
    "levers": {"persistence": 2, "pillar_shift": 0.1},
    "objective": {
        "mode": "gap",
        "value": VALUE,
        "first_value": VALUE,
        "index": AFTER,
        "index_before": BEFORE,
        "bound": 30.8,
        "gap": (VALUE - 30.8) / VALUE,
        "closed": (BEFORE - VALUE) / (BEFORE - 30.8),
        "cost": 848.7,
        "cost_gap": 0.01,
        "soft_penalty": PENALTY,
        "persistence": 0.5,
    },
    "gap_index_before": BEFORE,
    "gap_index_after": AFTER,
    "settled_before": None,
    "settled_after": None,
    "kpis": KPIS,
}


BY_HAND = Worked(SETTINGS, DATA, TABLES, HEADER)


def write_plan(folder: Path) -> Path:
    """Write the plan folder: data set, tables and plan.json."""
    return BY_HAND.write(folder)
