"""Which economies are in which group: regions of the United Nations (M49) and the World Bank, unions, and codes of two letters or digits.

Groups are needed to recognize a total beside its parts (`totals`). The membership is the one of 2025; groups whose members change
every year (income groups) are not listed.

Source: United Nations Statistics Division, Standard country or area codes for statistical use (M49); ISO 3166-1; World Bank, Country
and Lending Groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from mic2025lab.classifications import economies
from mic2025lab.classifications.economies import AGGREGATES, ECONOMIES, GROUPS, RESTS

# M49 code and name of a region, then its economies: ISO3, ISO2, number.
_SUBREGIONS = """
11 Western Africa | BEN BJ 204; BFA BF 854; CPV CV 132; CIV CI 384; GMB GM 270; GHA GH 288; GIN GN 324; GNB GW 624; LBR LR 430; \
MLI ML 466; MRT MR 478; NER NE 562; NGA NG 566; SHN SH 654; SEN SN 686; SLE SL 694; TGO TG 768
14 Eastern Africa | BDI BI 108; COM KM 174; DJI DJ 262; ERI ER 232; ETH ET 231; KEN KE 404; MDG MG 450; MWI MW 454; MUS MU 480; \
MYT YT 175; MOZ MZ 508; REU RE 638; RWA RW 646; SYC SC 690; SOM SO 706; SSD SS 728; TZA TZ 834; UGA UG 800; ZMB ZM 894; ZWE ZW 716; \
ATF TF 260; IOT IO 86
15 Northern Africa | DZA DZ 12; EGY EG 818; LBY LY 434; MAR MA 504; SDN SD 729; TUN TN 788; ESH EH 732
17 Middle Africa | AGO AO 24; CMR CM 120; CAF CF 140; TCD TD 148; COG CG 178; COD CD 180; GNQ GQ 226; GAB GA 266; STP ST 678
18 Southern Africa | BWA BW 72; SWZ SZ 748; LSO LS 426; NAM NA 516; ZAF ZA 710
5 South America | ARG AR 32; BOL BO 68; BRA BR 76; CHL CL 152; COL CO 170; ECU EC 218; FLK FK 238; GUF GF 254; GUY GY 328; PRY PY 600; \
PER PE 604; SUR SR 740; URY UY 858; VEN VE 862; BVT BV 74; SGS GS 239
13 Central America | BLZ BZ 84; CRI CR 188; SLV SV 222; GTM GT 320; HND HN 340; MEX MX 484; NIC NI 558; PAN PA 591
21 Northern America | BMU BM 60; CAN CA 124; GRL GL 304; SPM PM 666; USA US 840
29 Caribbean | AIA AI 660; ATG AG 28; ABW AW 533; BHS BS 44; BRB BB 52; BES BQ 535; VGB VG 92; CYM KY 136; CUB CU 192; CUW CW 531; \
DMA DM 212; DOM DO 214; GRD GD 308; GLP GP 312; HTI HT 332; JAM JM 388; MTQ MQ 474; MSR MS 500; PRI PR 630; BLM BL 652; KNA KN 659; \
LCA LC 662; MAF MF 663; VCT VC 670; SXM SX 534; TTO TT 780; TCA TC 796; VIR VI 850; ANT AN 530
30 Eastern Asia | CHN CN 156; HKG HK 344; MAC MO 446; TWN TW 158; PRK KP 408; JPN JP 392; MNG MN 496; KOR KR 410
34 Southern Asia | AFG AF 4; BGD BD 50; BTN BT 64; IND IN 356; IRN IR 364; MDV MV 462; NPL NP 524; PAK PK 586; LKA LK 144
35 South-eastern Asia | BRN BN 96; KHM KH 116; IDN ID 360; LAO LA 418; MYS MY 458; MMR MM 104; PHL PH 608; SGP SG 702; THA TH 764; \
TLS TL 626; VNM VN 704
143 Central Asia | KAZ KZ 398; KGZ KG 417; TJK TJ 762; TKM TM 795; UZB UZ 860
145 Western Asia | ARM AM 51; AZE AZ 31; BHR BH 48; CYP CY 196; GEO GE 268; IRQ IQ 368; ISR IL 376; JOR JO 400; KWT KW 414; LBN LB 422; \
OMN OM 512; QAT QA 634; SAU SA 682; PSE PS 275; SYR SY 760; TUR TR 792; ARE AE 784; YEM YE 887
39 Southern Europe | ALB AL 8; AND AD 20; BIH BA 70; HRV HR 191; GIB GI 292; GRC GR 300; VAT VA 336; ITA IT 380; MLT MT 470; MNE ME 499; \
MKD MK 807; PRT PT 620; SMR SM 674; SRB RS 688; SVN SI 705; ESP ES 724; XKX XK 412; SCG CS 891
151 Eastern Europe | BLR BY 112; BGR BG 100; CZE CZ 203; HUN HU 348; POL PL 616; MDA MD 498; ROU RO 642; RUS RU 643; SVK SK 703; \
UKR UA 804
154 Northern Europe | DNK DK 208; EST EE 233; FRO FO 234; FIN FI 246; GGY GG 831; ISL IS 352; IRL IE 372; IMN IM 833; LVA LV 428; \
LTU LT 440; NOR NO 578; SWE SE 752; GBR GB 826
155 Western Europe | AUT AT 40; BEL BE 56; FRA FR 250; DEU DE 276; LIE LI 438; LUX LU 442; MCO MC 492; NLD NL 528; CHE CH 756; BLX BL 58
53 Australia and New Zealand | AUS AU 36; CXR CX 162; CCK CC 166; HMD HM 334; NZL NZ 554; NFK NF 574
54 Melanesia | FJI FJ 242; NCL NC 540; PNG PG 598; SLB SB 90; VUT VU 548
57 Micronesia | GUM GU 316; KIR KI 296; MHL MH 584; FSM FM 583; NRU NR 520; MNP MP 580; PLW PW 585; UMI UM 581
61 Polynesia | ASM AS 16; COK CK 184; PYF PF 258; NIU NU 570; PCN PN 612; WSM WS 882; TKL TK 772; TON TO 776; TUV TV 798; WLF WF 876
"""

# M49 code and name of a region of regions.
_REGIONS = """
202 Sub-Saharan Africa | 11 14 17 18
2 Africa | 15 202
419 Latin America and the Caribbean | 5 13 29
19 Americas | 21 419
142 Asia | 30 34 35 143 145
150 Europe | 39 151 154 155
9 Oceania | 53 54 57 61
"""

# Names of a group, then its members.
_UNIONS = """
ASEAN, R4, Association of Southeast Asian Nations | BRN IDN KHM LAO MMR MYS PHL SGP THA VNM
APEC | AUS BRN CAN CHL CHN HKG IDN JPN KOR MEX MYS NZL PER PHL PNG RUS SGP THA TWN USA VNM
RCEP | AUS BRN CHN IDN JPN KHM KOR LAO MMR MYS NZL PHL SGP THA VNM
BRIC | BRA CHN IND RUS
USMCA, NAFTA | CAN MEX USA
MERCOSUR | ARG BRA PRY URY
EFTA | CHE ISL LIE NOR
OECD, OED, OECD members, OECD total | AUS AUT BEL CAN CHE CHL COL CRI CZE DEU DNK ESP EST FIN FRA GBR GRC HUN IRL ISL ISR ITA JPN KOR LTU LUX \
LVA MEX NLD NOR NZL POL PRT SVK SVN SWE TUR USA
G20 | ARG AUS BRA CAN CHN DEU FRA GBR IDN IND ITA JPN KOR MEX RUS SAU TUR USA ZAF
EMU, EA, EA20, G163, Euro area | AUT BEL CYP DEU ESP EST FIN FRA GRC HRV IRL ITA LTU LUX LVA MLT NLD PRT SVK SVN
EA19 | AUT BEL CYP DEU ESP EST FIN FRA GRC IRL ITA LTU LUX LVA MLT NLD PRT SVK SVN
EU15 | AUT BEL DEU DNK ESP FIN FRA GBR GRC IRL ITA LUX NLD PRT SWE
EAS, East Asia and Pacific | ASM AUS BRN CHN FJI FSM GUM HKG IDN JPN KHM KIR KOR LAO MAC MHL MMR MNG MNP MYS NCL NRU NZL PHL PLW PNG PRK \
PYF SGP SLB THA TLS TON TUV TWN VNM VUT WSM
ECS, Europe and Central Asia | ALB AND ARM AUT AZE BEL BGR BIH BLR CHE CHI CYP CZE DEU DNK ESP EST FIN FRA FRO GBR GEO GIB GRC GRL HRV HUN \
IMN IRL ISL ITA KAZ KGZ LIE LTU LUX LVA MCO MDA MKD MNE NLD NOR POL PRT ROU RUS SMR SRB SVK SVN SWE TJK TKM TUR UKR UZB XKX
LCN | ABW ARG ATG BHS BLZ BOL BRA BRB CHL COL CRI CUB CUW CYM DMA DOM ECU GRD GTM GUY HND HTI JAM KNA LCA \
MAF MEX NIC PAN PER PRI PRY SLV SUR SXM TCA TTO URY VCT VEN VGB VIR
MEA, Middle East and North Africa | AFG ARE BHR DJI DZA EGY IRN IRQ ISR JOR KWT LBN LBY MAR MLT OMN PAK PSE QAT SAU SYR TUN YEM
NAC | BMU CAN USA
SAS, South Asia | AFG BGD BTN IND LKA MDV NPL PAK
SSF | AGO BDI BEN BFA BWA CAF CIV CMR COD COG COM CPV ERI ETH GAB GHA GIN GMB GNB GNQ KEN LBR LSO MDG MLI MOZ MRT MUS MWI NAM NER NGA \
RWA SDN SEN SLE SOM SSD STP SWZ SYC TCD TGO TZA UGA ZAF ZMB ZWE
"""

# Regions that every source draws in its own way, with the economies that they have in common. They are not compared with other regions.
_LOOSE = """
North America | CAN USA
Central and South America, Latin America | ARG BLZ BOL BRA CHL COL CRI ECU GTM GUY HND NIC PAN PER PRY SLV SUR URY VEN
Middle East, Middle East and Caspian, Middle East and Central Asia | ARE BHR IRN IRQ JOR KWT LBN OMN PSE QAT SAU SYR YEM
Asia Pacific, Asia and Pacific, Asia and Oceania | AUS CHN HKG IDN IND JPN KHM KOR LAO MMR MYS NZL PHL SGP THA TWN VNM
"""

# Other names of unions whose members are in `economies.GROUPS`.
_ALSO = {
    "EUU": "EU27",
    "EUR": "EU27",
    "EU27_2020": "EU27",
    "97": "EU27",
    "EU_V": "EU27",
    "G119": "G7",
    "G510": "ASEAN5",
}

# Economies until 1999 that the source lists under a group's name: never in one year with their members.
_FORMER = frozenset({"ZA1"})

# Numbers of trade data (Comtrade, BACI) that differ from M49, and of former economies; without ISO3: areas that are no economy.
_TRADE_NUMBERS = {
    842: "USA", 841: "USA", 251: "FRA", 381: "ITA", 579: "NOR", 699: "IND", 757: "CHE", 490: "TWN", 280: "DEU", 230: "ETH", 736: "SDN",
    711: "", 849: "", 899: "", 837: "", 838: "", 839: "", 568: "", 577: "", 527: "", 636: "", 637: "", 278: "", 810: "", 890: "", 200: "",
}  # fmt: skip

#: Numbers that stand for the world: Comtrade's 0, and 1 in M49.
WORLD_NUMBERS = frozenset({0, 1})

_ALSO_TWO_LETTERS = {"EL": "GRC", "UK": "GBR"}  # as Eurostat writes them


@lru_cache(maxsize=1)
def _tables() -> tuple[Mapping[str, str], Mapping[int, str], Mapping[str, frozenset[str]]]:
    """Return ISO2 -> ISO3, number -> ISO3, and the members of each group by its name, its M49 number as text among the names."""
    letters, numbers = dict(_ALSO_TWO_LETTERS), dict(_TRADE_NUMBERS)
    groups: dict[str, frozenset[str]] = {}
    for line in _SUBREGIONS.strip().splitlines():
        head, _, rows = line.partition(" | ")
        members = [row.split() for row in rows.split("; ")]
        letters |= {two: three for three, two, _ in members if two not in letters}
        numbers |= {int(number): three for three, _, number in members}
        groups |= dict.fromkeys(head.split(" ", 1), frozenset(three for three, _, _ in members))
    for line in _REGIONS.strip().splitlines():
        head, _, rows = line.partition(" | ")
        groups |= dict.fromkeys(head.split(" ", 1), frozenset().union(*(groups[one] for one in rows.split())))
    for line in (_UNIONS.strip() + _LOOSE).splitlines():
        names, _, rows = line.partition(" | ")
        groups |= dict.fromkeys(names.split(", "), frozenset(rows.split()))
    groups |= {name: frozenset(members) for name, members in GROUPS.items()}
    groups |= {name: groups[group] for name, group in _ALSO.items()}
    return MappingProxyType(letters), MappingProxyType(numbers), MappingProxyType(groups)


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, frozenset[str]]:
    return {economies.fold(name): members for name, members in _tables()[2].items() if not name.isdecimal()}


@lru_cache(maxsize=1)
def _loose_names() -> frozenset[str]:
    return frozenset(
        economies.fold(name)
        for line in _LOOSE.strip().splitlines()
        for name in line.split(" | ")[0].split(", ")
    )


def is_loose(label: str) -> bool:
    """Return True for a region that every source draws in its own way, such as the Middle East, or whose members are not listed."""
    code = economies.find(label)
    return economies.fold(label) in _loose_names() or (
        code in AGGREGATES and not {economies.fold(label), economies.fold(str(code))} & _by_name().keys()
    )


def members(label: str) -> frozenset[str] | None:
    """Return the economies that a name or code stands for; None if it is no economy and no group of economies.

    An economy stands for itself, a rest of the world for none, and a group whose members are not listed here for every economy.

    Examples
    --------
    >>> sorted(members("China")), sorted(members("USMCA")), members("ROW"), members("Siemens")
    (['CHN'], ['CAN', 'MEX', 'USA'], frozenset(), None)
    """
    name, code = economies.fold(label), label if label in ECONOMIES else economies.find(label)
    if code is not None and code in ECONOMIES:
        return frozenset({code})
    if name in _by_name():
        return _by_name()[name]
    if code in RESTS or code in _FORMER:
        return frozenset()
    return None if code is None else _by_name().get(economies.fold(code), frozenset(ECONOMIES))


def two_letters(label: str) -> frozenset[str] | None:
    """Return the economies of a code of two letters (ISO 3166-1 alpha-2); other names as in `members`.

    Examples
    --------
    >>> sorted(two_letters("CN")), len(two_letters("EU"))
    (['CHN'], 27)
    """
    code = _tables()[0].get(label)
    return frozenset({code}) if code else members(label)


def numbered(number: int) -> frozenset[str] | None:
    """Return the economies of a number of M49 or Comtrade; none for areas that are no economy; None if there is no such number.

    Examples
    --------
    >>> numbered(156), numbered(842), len(numbered(97)), numbered(899), numbered(999)
    (frozenset({'CHN'}), frozenset({'USA'}), 27, frozenset(), None)
    """
    _, numbers, groups = _tables()
    if number in numbers:
        return frozenset({numbers[number]}) - {""}
    return groups.get(str(number))
