"""One pandera model for each table: its columns, their types, descriptions and units, and what must hold.

pandera takes a second to import: only `build` and tests import this package.
"""

from __future__ import annotations

import pandera.pandas as pa

from mic2025lab.schemas import (
    economy,
    flows,
    friction,
    leadership,
    minerals,
    policy,
    production,
    products,
    provinces,
    technology,
    trade,
)

#: Table -> its model.
SCHEMAS: dict[str, type[pa.DataFrameModel]] = {
    "value_added": economy.ValueAdded,
    "value_added_panel": economy.ValueAddedPanel,
    "national_accounts": economy.NationalAccounts,
    "world_economy": economy.WorldEconomy,
    "capacity_utilization": policy.CapacityUtilization,
    "sectors": policy.Sectors,
    "targets": policy.Targets,
    "target_actuals": policy.TargetActuals,
    "benchmarks": policy.Benchmarks,
    "critical_materials_exports": trade.CriticalMaterialsExports,
    "critical_materials": trade.CriticalMaterials,
    "intermediate_exports": trade.IntermediateExports,
    "final_demand_exports": trade.FinalDemandExports,
    "us_exports_to_china": trade.UsExportsToChina,
    "wiod_foreign_content": trade.WiodForeignContent,
    "inter_country_2011": trade.InterCountry,
    "wiod_codes": trade.WiodCodes,
    "mineral_production": minerals.MineralProduction,
    "ev_sales": production.EvSales,
    "solar_chain": production.SolarChain,
    "solar_wind_capacity": production.SolarWindCapacity,
    "steel": production.Steel,
    "official_manufacturing": production.OfficialManufacturing,
    "industrial_enterprises": production.IndustrialEnterprises,
    "provincial_accounts": provinces.ProvincialAccounts,
    "provincial_capital": provinces.ProvincialCapital,
    "us_imports": friction.UsImports,
    "us_tariff_lists": friction.UsTariffLists,
    "product_group_exports": friction.ProductGroupExports,
    "research_spending": leadership.ResearchSpending,
    "industrial_profits": leadership.IndustrialProfits,
    "leadership_figures": leadership.LeadershipFigures,
    "industry_supply": trade.IndustrySupply,
    "world_ranking_firms": leadership.WorldRankingFirms,
    "trade_interventions": friction.TradeInterventions,
    "trade_interventions_pairs": friction.TradeInterventionsPairs,
    "trade_defense_investigations": friction.TradeDefenseInvestigations,
    "sitc_divisions_trade": flows.SitcDivisionsTrade,
    "critical_minerals_monthly": flows.CriticalMineralsMonthly,
    "chip_trade": flows.ChipTrade,
    "hs4_exports": flows.Hs4Exports,
    "world_exports_hs4": flows.WorldExportsHs4,
    "chip_equipment_trade": flows.ChipEquipmentTrade,
    "ev_battery_imports": flows.EvBatteryImports,
    "trade_by_group": flows.TradeByGroup,
    "rare_earth_trade": flows.RareEarthTrade,
    "robots": technology.Robots,
    "solar_trade": technology.SolarTrade,
    "solar_balance": technology.SolarBalance,
    "semiconductor_chain": technology.SemiconductorChain,
    "car_sales_china": technology.CarSalesChina,
    "hs_products": products.HsProducts,
    "hs_concordance": products.HsConcordance,
    "sector_products": products.SectorProducts,
}


def columns(name: str) -> dict[str, dict[str, str]]:
    """Describe the columns of a table: `{column: {"dtype", "description", "unit"}}`, in order."""
    return {
        column: {
            "dtype": "str" if "str" in str(spec.dtype) else str(spec.dtype),  # pandera says string[pyarrow]
            "description": spec.description or "",
            "unit": str((spec.metadata or {}).get("unit", "")),
        }
        for column, spec in SCHEMAS[name].to_schema().columns.items()
    }
