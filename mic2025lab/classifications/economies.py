"""Economies: ISO 3166-1 alpha-3 codes and English names, aggregates, groups, and how a name is resolved to a code."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from mic2025lab.errors import TableError, unknown_name

_ECONOMIES = """
ABW Aruba; AFG Afghanistan; AGO Angola; AIA Anguilla; ALB Albania; AND Andorra;
ANT Netherlands Antilles; ARE United Arab Emirates; ARG Argentina; ARM Armenia; ASM American Samoa;
ATG Antigua and Barbuda; AUS Australia; AUT Austria; AZE Azerbaijan; BDI Burundi; BEL Belgium;
BEN Benin; BFA Burkina Faso; BGD Bangladesh; BGR Bulgaria; BHR Bahrain; BHS Bahamas;
BIH Bosnia and Herzegovina; BLR Belarus; BLZ Belize; BMU Bermuda; BOL Bolivia; BRA Brazil; BRB Barbados;
BRN Brunei; BTN Bhutan; BWA Botswana; CAF Central African Republic; CAN Canada; CHE Switzerland;
CHI Channel Islands; CHL Chile; CHN China; CIV Côte d'Ivoire; CMR Cameroon;
COD Democratic Republic of the Congo; COG Republic of the Congo; COK Cook Islands; COL Colombia;
COM Comoros; CPV Cabo Verde; CRI Costa Rica; CUB Cuba; CUW Curaçao; CYM Cayman Islands; CYP Cyprus;
CZE Czechia; DEU Germany; DJI Djibouti; DMA Dominica; DNK Denmark; DOM Dominican Republic; DZA Algeria;
ECU Ecuador; EGY Egypt; ERI Eritrea; ESP Spain; EST Estonia; ETH Ethiopia; FIN Finland; FJI Fiji;
FRA France; FRO Faroe Islands; FSM Micronesia; GAB Gabon; GBR United Kingdom; GEO Georgia; GHA Ghana;
GIB Gibraltar; GIN Guinea; GMB Gambia; GNB Guinea-Bissau; GNQ Equatorial Guinea; GRC Greece;
GRD Grenada; GRL Greenland; GTM Guatemala; GUM Guam; GUY Guyana; HKG Hong Kong; HND Honduras;
HRV Croatia; HTI Haiti; HUN Hungary; IDN Indonesia; IMN Isle of Man; IND India; IRL Ireland; IRN Iran;
IRQ Iraq; ISL Iceland; ISR Israel; ITA Italy; JAM Jamaica; JOR Jordan; JPN Japan; KAZ Kazakhstan;
KEN Kenya; KGZ Kyrgyzstan; KHM Cambodia; KIR Kiribati; KNA Saint Kitts and Nevis; KOR South Korea;
KWT Kuwait; LAO Laos; LBN Lebanon; LBR Liberia; LBY Libya; LCA Saint Lucia; LIE Liechtenstein;
LKA Sri Lanka; LSO Lesotho; LTU Lithuania; LUX Luxembourg; LVA Latvia; MAC Macao; MAF Saint Martin;
MAR Morocco; MCO Monaco; MDA Moldova; MDG Madagascar; MDV Maldives; MEX Mexico; MHL Marshall Islands;
MKD North Macedonia; MLI Mali; MLT Malta; MMR Myanmar; MNE Montenegro; MNG Mongolia;
MNP Northern Mariana Islands; MOZ Mozambique; MRT Mauritania; MSR Montserrat; MUS Mauritius; MWI Malawi;
MYS Malaysia; NAM Namibia; NCL New Caledonia; NER Niger; NGA Nigeria; NIC Nicaragua; NLD Netherlands;
NOR Norway; NPL Nepal; NRU Nauru; NZL New Zealand; OMN Oman; PAK Pakistan; PAN Panama; PER Peru;
PHL Philippines; PLW Palau; PNG Papua New Guinea; POL Poland; PRI Puerto Rico; PRK North Korea;
PRT Portugal; PRY Paraguay; PSE West Bank and Gaza; PYF French Polynesia; QAT Qatar; ROU Romania;
RUS Russia; RWA Rwanda; SAU Saudi Arabia; SDN Sudan; SEN Senegal; SGP Singapore; SLB Solomon Islands;
SLE Sierra Leone; SLV El Salvador; SMR San Marino; SOM Somalia; SRB Serbia; SSD South Sudan;
STP São Tomé and Príncipe; SUR Suriname; SVK Slovakia; SVN Slovenia; SWE Sweden; SWZ Eswatini;
SXM Sint Maarten; SYC Seychelles; SYR Syria; TCA Turks and Caicos Islands; TCD Chad; TGO Togo;
THA Thailand; TJK Tajikistan; TKM Turkmenistan; TLS Timor-Leste; TON Tonga; TTO Trinidad and Tobago;
TUN Tunisia; TUR Türkiye; TUV Tuvalu; TWN Taiwan; TZA Tanzania; UGA Uganda; UKR Ukraine; URY Uruguay;
USA United States; UZB Uzbekistan; VCT Saint Vincent and the Grenadines; VEN Venezuela;
VGB British Virgin Islands; VIR United States Virgin Islands; VNM Vietnam; VUT Vanuatu; WSM Samoa;
XKX Kosovo; YEM Yemen; ZAF South Africa; ZMB Zambia; ZWE Zimbabwe;
ATA Antarctica; ATF French Southern Territories; BES Bonaire, Sint Eustatius and Saba; BLM Saint Barthélemy; BVT Bouvet Island;
CCK Cocos (Keeling) Islands; CXR Christmas Island; ESH Western Sahara; FLK Falkland Islands; GGY Guernsey; GLP Guadeloupe;
GUF French Guiana; HMD Heard Island and McDonald Islands; IOT British Indian Ocean Territory; MTQ Martinique; MYT Mayotte; NFK Norfolk Island;
NIU Niue; PCN Pitcairn; PUS United States Miscellaneous Pacific Islands; REU Réunion; SCG Serbia and Montenegro;
BLX Belgium-Luxembourg; SGS South Georgia; SHN Saint Helena; SPM Saint Pierre and Miquelon; TKL Tokelau;
UMI United States Minor Outlying Islands; VAT Vatican City; WLF Wallis and Futuna;
"""

_AGGREGATES = """
WLD World; EU27 EU-27; EU28 European Union (28, with the United Kingdom)
AFE Africa Eastern and Southern; AFW Africa Western and Central; ARB Arab World
CEB Central Europe and the Baltics; CSS Caribbean small states; EAP East Asia and Pacific, excluding high income
EAR Early-demographic dividend; EAS East Asia and Pacific; ECA Europe and Central Asia, excluding high income
ECS Europe and Central Asia; EMU Euro area; FCS Fragile and conflict-affected situations; HIC High income
HPC Heavily indebted poor countries; IBD IBRD only; IBT IDA and IBRD total; IDA IDA total; IDB IDA blend
IDX IDA only; LAC Latin America and Caribbean, excluding high income; LCN Latin America and Caribbean
LDC Least developed countries; LIC Low income; LMC Lower middle income; LMY Low and middle income
LTE Late-demographic dividend; MEA Middle East, North Africa, Afghanistan and Pakistan; MIC Middle income
MNA Middle East, North Africa, Afghanistan and Pakistan, excluding high income; NAC North America
OED OECD members; OSS Other small states; PRE Pre-demographic dividend; PSS Pacific island small states
PST Post-demographic dividend; SAS South Asia; SSA Sub-Saharan Africa, excluding high income
SSF Sub-Saharan Africa; SST Small states; TEA East Asia and Pacific, IDA and IBRD
TEC Europe and Central Asia, IDA and IBRD; TLA Latin America and Caribbean, IDA and IBRD
TMN Middle East, North Africa, Afghanistan and Pakistan, IDA and IBRD; TSA South Asia, IDA and IBRD
TSS Sub-Saharan Africa, IDA and IBRD; UMC Upper middle income
G110 Advanced economies (IMF); G119 G7; G163 Euro area (IMF)
G200 Emerging market and developing economies (IMF); G205 Latin America and the Caribbean (IMF)
G400 Middle East and Central Asia (IMF); G505 Emerging and developing Asia (IMF); G510 ASEAN-5
G603 Sub-Saharan Africa (IMF); G903 Emerging and developing Europe (IMF)
GX123 Other advanced economies (IMF: without G7 and euro area)
ZA1 Southern African Customs Union
"""

_RESTS = """
ROW Rest of the world
"""


def _table(text: str) -> dict[str, str]:
    entries = [entry.strip() for line in text.strip().splitlines() for entry in line.split(";")]
    return dict(entry.split(" ", 1) for entry in entries if entry)


#: ISO3 code -> English name of every economy in the tables. XKX is Kosovo. Former economies: ANT (to 2010), the Netherlands
#: Antilles; SCG (to 2006), Serbia and Montenegro; BLX (to 1998), Belgium and Luxembourg together.
ECONOMIES: Mapping[str, str] = MappingProxyType(_table(_ECONOMIES))

#: Code -> name of every aggregate; never add one to its members. EU28 includes the United Kingdom.
AGGREGATES: Mapping[str, str] = MappingProxyType(_table(_AGGREGATES))

#: Code -> name of the economies that a source only reports together: part of its world total, and not listed separately.
RESTS: Mapping[str, str] = MappingProxyType(_table(_RESTS))

_EU27 = "AUT BEL BGR HRV CYP CZE DNK EST FIN FRA DEU GRC HUN IRL ITA LVA LTU LUX MLT NLD POL PRT ROU SVK SVN ESP SWE"

#: Group -> its members, for the groups that analyses use.
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "EU27": tuple(_EU27.split()),
        "EU28": (*_EU27.split(), "GBR"),
        "G7": ("CAN", "FRA", "DEU", "ITA", "JPN", "GBR", "USA"),
        "BRICS": ("BRA", "RUS", "IND", "CHN", "ZAF"),
        "ASEAN5": ("IDN", "MYS", "PHL", "SGP", "THA"),
        "CHN+HKG": ("CHN", "HKG"),
    }
)

# Other names that people and sources use; accents, case, punctuation, and "the" do not matter.
_ALIASES = {
    "China mainland": "CHN", "Mainland China": "CHN", "China, People's Republic of": "CHN", "PRC": "CHN",
    "Korea": "KOR", "Republic of Korea": "KOR", "Korea, Rep.": "KOR", "Korea, Republic of": "KOR",
    "D.P.R. of Korea": "PRK", "Taiwan Province of China": "TWN", "Chinese Taipei": "TWN",
    "Hong Kong SAR": "HKG", "Hong Kong SAR, China": "HKG", "China, Hong Kong SAR": "HKG",
    "Macau": "MAC", "Macao SAR": "MAC", "Macao SAR, China": "MAC", "China, Macao SAR": "MAC",
    "Czech Republic": "CZE", "Slovak Republic": "SVK", "Turkey": "TUR", "Viet Nam": "VNM",
    "Russian Federation": "RUS", "United States of America": "USA", "US": "USA", "America": "USA",
    "UK": "GBR", "Great Britain": "GBR", "Britain": "GBR", "Holland": "NLD", "Burma": "MMR",
    "Ivory Coast": "CIV", "Cape Verde": "CPV", "Swaziland": "SWZ", "Macedonia": "MKD", "UAE": "ARE",
    "Palestine": "PSE", "WBG": "PSE", "KOS": "XKX", "RKS": "XKX", "Iran, Islamic Rep.": "IRN",
    "EU": "EU27", "EU-27": "EU27", "EUU": "EU27", "G998": "EU27", "European Union": "EU27", "EU-28": "EU28",
    "G001": "WLD", "Euro area": "EMU", "Eurozone": "EMU",
    "ROM": "ROU", "RoW": "ROW", "Other Asia, nes": "TWN", "Other Asia, not elsewhere specified": "TWN", "S19": "TWN",
    "China, People's Rep. of": "CHN", "China, mainland": "CHN", "China P.R.": "CHN",
    "Korea, North": "PRK", "Korea, South": "KOR", "Korea (Rep. of)": "KOR", "Korea, Dem. P.R. of": "PRK",
    "Democratic People's Republic of Korea": "PRK", "Korea, Dem. People's Rep.": "PRK", "Dem. Rep. Korea": "PRK", "Rep. of Korea": "KOR",
    "Congo (Kinshasa)": "COD", "Congo (Brazzaville)": "COG", "Congo, Democratic Republic": "COD", "Congo": "COG",
    "Dem. Rep. of the Congo": "COD", "Zaire": "COD", "Rhodesia": "ZWE", "Bosnia & Herzegovina": "BIH", "Bosnia Herzegovina": "BIH",
    "Eswatini (Swaziland)": "SWZ", "Ireland, Republic of": "IRL", "Lao People's Dem. Rep.": "LAO",
    "Lao People's Democratic Republic": "LAO", "Syrian Arab Republic": "SYR", "Macao, China": "MAC", "Hong Kong, China": "HKG",
    "Brunei Darussalam": "BRN", "Rep. of Moldova": "MDA", "Republic of Moldova": "MDA", "United Rep. of Tanzania": "TZA",
    "United Republic of Tanzania": "TZA", "TFYR of Macedonia": "MKD", "Iran (Islamic Republic of)": "IRN",
    "Bolivia (Plurinational State of)": "BOL", "Venezuela (Bolivarian Republic of)": "VEN", "CHT": "TWN", "Taiwan, China": "TWN",
    "Bonaire": "BES", "Bonaire and Sint Eustatius and Saba": "BES", "Congo (Democratic Republic of the)": "COD", "Congo (DRC)": "COD",
    "French Southern and Antarctic Lands": "ATF", "Heard and McDonald Islands": "HMD", "Pitcairn Islands": "PCN",
    "Saint Helena, Ascension and Tristan da Cunha": "SHN", "Saint Helena and Ascension and Tristan da Cunha": "SHN",
    "South Georgia and South Sandwich Islds.": "SGS", "Saint Martin (French part)": "MAF", "Palestine (State of)": "PSE",
    "Virgin Islands (British)": "VGB", "Virgin Islands (U.S.)": "VIR", "Tanzania (the United Republic of)": "TZA",
    "Hong Kong (SAR of China)": "HKG", "Macao (SAR of China)": "MAC",
    "Bosnia": "BIH", "D.P.R. Korea": "PRK", "OWID_KOS": "XKX", "OWID_WRL": "WLD", "European Union (27)": "EU27",
    "China, Macao Special Administrative Region": "MAC", "Former Netherlands Antilles": "ANT",
    "China, Hong Kong Special Administrative Region": "HKG", "Micronesia (Federated States of)": "FSM",
    "Sint Maarten (Dutch part)": "SXM", "State of Palestine": "PSE", "The former Yugoslav Republic of Macedonia": "MKD",
    "United Kingdom of Great Britain and Northern Ireland": "GBR", "United Republic of Tanzania: Mainland": "TZA",
}  # fmt: skip


def fold(text: str) -> str:
    """Reduce a name to what tells it from others: without case, accents, punctuation, "the", and "and".

    Examples
    --------
    >>> fold("Côte d'Ivoire"), fold("Trinidad & Tobago"), fold("the_Middle-East")
    ('cote d ivoire', 'trinidad tobago', 'middle east')
    """
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).encode("ascii", "ignore").decode()
    words = "".join(c if c.isalnum() else " " for c in plain.casefold()).split()
    return " ".join([word for word in words if word not in ("the", "and")] or words)


@lru_cache(maxsize=1)
def _index() -> dict[str, str]:
    index = {fold(alias): code for alias, code in _ALIASES.items()}
    for table in (RESTS, AGGREGATES, ECONOMIES):
        for code, name in table.items():
            index[fold(name)] = code
            index[fold(code)] = code
    return index


def find(name: str) -> str | None:
    """Find the code of an economy or aggregate as `resolve` does; None if the name is unknown."""
    return _index().get(fold(name))


def resolve(name: str) -> str:
    """Find the code of an economy or aggregate from its code, its name, or another name in use.

    Raises
    ------
    UnknownName
        If the name is unknown; the message names the nearest.

    Examples
    --------
    >>> resolve("China"), resolve("south korea"), resolve("Czech Republic"), resolve("EU")
    ('CHN', 'KOR', 'CZE', 'EU27')
    """
    code = find(str(name))
    if code is None:
        raise unknown_name("economy", name, [*ECONOMIES.values(), "World", "EU27"])
    return code


def name(code: str) -> str:
    """Return the English name of a code.

    Examples
    --------
    >>> name("TWN"), name("WLD")
    ('Taiwan', 'World')
    """
    if code in ECONOMIES:
        return ECONOMIES[code]
    if code in AGGREGATES:
        return AGGREGATES[code]
    if code in RESTS:
        return RESTS[code]
    raise unknown_name("economy code", code, [*ECONOMIES, *AGGREGATES])


_WITH_ARTICLE = {
    "USA",
    "GBR",
    "NLD",
    "EU27",
    "EU28",
    "PHL",
    "ARE",
    "COD",
    "CAF",
    "COG",
    "DOM",
    "BHS",
    "GMB",
    "WLD",
    "EMU",
}


def spoken(code: str, *, first: bool = False, own: bool = False) -> str:
    """Return the name for use in a sentence: with its article, at the start (`first`), or as a possessive (`own`).

    Examples
    --------
    >>> spoken("USA"), spoken("JPN"), spoken("EU27", first=True), spoken("USA", own=True), spoken("CHN", first=True, own=True)
    ('the United States', 'Japan', 'The EU-27', 'the United States’', 'China’s')
    """
    text = f"the {name(code)}" if code in _WITH_ARTICLE else name(code)
    if own:
        text += "’" if text.endswith("s") else "’s"
    return text[0].upper() + text[1:] if first else text


def is_aggregate(code: str) -> bool:
    """Return True if a code is a sum of economies (`WLD`, `EU27`, regions), which must not be added to its members."""
    return code in AGGREGATES or code in GROUPS


def members(group: str) -> tuple[str, ...]:
    """List the members of a group.

    Examples
    --------
    >>> len(members("EU27")), "GBR" in members("EU28")
    (27, True)
    """
    if group not in GROUPS:
        raise unknown_name("group of economies", group, GROUPS)
    return GROUPS[group]


def with_group(table: Any, group: str, *, of: str = "economy", value: str = "value") -> Any:
    """Add the sum of a group's members to a pandas table as a separate economy.

    Hong Kong is never added to China silently: request ``"CHN"``, ``"HKG"`` or ``"CHN+HKG"``, and compare. The sum counts trade
    between members twice, if the table does.

    Parameters
    ----------
    table : pandas.DataFrame
        All columns other than `of` and `value` identify the rows that are added up.
    group : str
        A name of `GROUPS`, such as ``"CHN+HKG"`` or ``"G7"``.
    of, value : str
        Columns of economies and of values.

    Returns
    -------
    pandas.DataFrame
        The same rows, followed by one row for each combination of the other columns for which every member has a value.

    Raises
    ------
    UnknownName
        If there is no such group.
    TableError
        If a member is not in the table at all.

    Examples
    --------
    >>> import pandas as pd
    >>> chips = pd.DataFrame({"economy": ["CHN", "HKG"], "year": 2018, "value": [133.0, 155.0]})
    >>> with_group(chips, "CHN+HKG")["value"].tolist()
    [133.0, 155.0, 288.0]
    """
    import pandas as pd

    wanted = members(group)
    absent = [code for code in wanted if code not in set(table[of])]
    if absent:
        raise TableError(
            f"{group} cannot be added up: {', '.join(absent)} is missing from column {of!r}. Add rows for it, or choose another group."
        )
    rows = table[table[of].isin(wanted)]
    keys = [column for column in table.columns if column not in (of, value)]
    groups = rows.groupby(keys, dropna=False, observed=True)[value]
    total = groups.sum().where(groups.count() == len(wanted)).dropna().reset_index().assign(**{of: group})
    return pd.concat([table, total[list(table.columns)]], ignore_index=True)
