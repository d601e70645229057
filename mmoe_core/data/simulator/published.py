"""What is published about the real Ali-CCP log: rates, presence, token counts, shares, laws, quantiles.

Counted in public preprocessors, notebooks and data sheets of Tianchi dataset 408; train split unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "COMMON_FEATURES",
    "CTR",
    "CTR_OF_LONG_SESSIONS",
    "CVR",
    "DEMOGRAPHICS",
    "DISTINCT_ITEMS",
    "HISTORIES",
    "INTENTIONS_PER_ITEM",
    "ITEMS_BY_FREQUENCY",
    "ITEM_EXPONENT",
    "ITEM_OFFSET",
    "ITEM_UNIVERSE",
    "LOOK_UP_TOKENS",
    "PRESENCE",
    "QUANTILE_LEVELS",
    "ROWS",
    "SCENES",
    "SESSIONS_PER_USER",
    "SESSION_LOG_MEAN",
    "SESSION_LOG_SD",
    "SESSION_MEAN",
    "SESSION_SHARE_FROM",
    "SHARE_OF_ITEMS_SEEN_TWICE",
    "SHARE_OF_SINGLE_ROWS",
    "SKELETON_FEATURES",
    "VALUE_QUANTILES",
]

ROWS = 42_300_135
CTR = 0.0388712
CVR = 0.0053532  # purchases / clicks
CTR_OF_LONG_SESSIONS = 0.0322  # sessions of 200 rows and more

# Items: Zipf-Mandelbrot, rate(r) ~ (r + offset)^-exponent; rows, universe and offset scale together.
ITEM_UNIVERSE, ITEM_OFFSET, ITEM_EXPONENT = 6_000_000, 21_805, 1.545
DISTINCT_ITEMS = 3_078_306
SHARE_OF_ITEMS_SEEN_TWICE = 0.574
ITEMS_BY_FREQUENCY: Mapping[int, int] = {10: 467_297, 50: 140_782}  # seen at least so often: that many

# Rows per common_feature_index: LogNormal, and a few sessions of one row.
SESSION_LOG_MEAN, SESSION_LOG_SD, SHARE_OF_SINGLE_ROWS, SESSION_MEAN = 3.696, 0.845, 0.012, 57.9
SESSION_SHARE_FROM: Mapping[int, float] = {100: 0.13, 200: 0.0268}
SESSIONS_PER_USER = 730_600 / 294_736

PRESENCE: Mapping[str, float] = {  # of impressions
    "101": 0.997764, "121": 0.870193, "122": 0.870193, "124": 0.870193, "125": 0.870193, "126": 0.415844,
    "127": 0.870193, "128": 0.870193, "129": 0.636951, "216": 0.711411, "508": 0.696455, "509": 0.22123,
    "702": 0.223639, "853": 0.410443, "109_14": 0.990542, "110_14": 0.990531, "127_14": 0.989864, "150_14": 0.997561,
}  # fmt: skip
INTENTIONS_PER_ITEM = 6.098  # tokens of 210
LOOK_UP_TOKENS = 1.4  # tokens of 853, rows without any included
HISTORIES: Mapping[str, float] = {"109_14": 69.037, "110_14": 250.084, "127_14": 153.696, "150_14": 135.92}  # tokens
SKELETON_FEATURES, COMMON_FEATURES = 13.35, 518  # of a line, on average
SCENES = (32_236_951, 639_897, 52_439_671)  # impressions of 301, train and test

# Shares of the sessions, in the order of the field's codes; the rest is missing.
DEMOGRAPHICS: Mapping[str, tuple[float, ...]] = {
    "124": (0.2623, 0.6036),  # male, female
    "125": (0.0118, 0.1481, 0.2536, 0.2337, 0.1715, 0.0236, 0.0236),  # the published rest of .059 split 1 : 2 : 2
    "126": (0.1306, 0.2484, 0.0328),  # low, middle, high
    "127": (0.0551, 0.0998, 0.7110),  # shallow, moderate, deep
    "128": (0.8257, 0.0402),  # no, yes
    "129": (0.0705, 0.2788, 0.1541, 0.1244),  # tiers of cities
}

QUANTILE_LEVELS = tuple(level / 40 for level in range(41))
VALUE_QUANTILES: Mapping[str, tuple[float, ...]] = {  # of ln(1 + n), first token of a row that has one
    "509": (
        *(0.69315,) * 12, *(1.09861,) * 4, *(1.38629,) * 3, *(1.60944,) * 2, *(1.79176,) * 2, *(1.94591,) * 2,
        2.07944, 2.19722, 2.30259, 2.48491, 2.56495, 2.70805, 2.83321, 2.94444, 3.09104, 3.29584, 3.46574, 3.71357,
        3.98898, 4.34381, 4.86753, 8.16223,
    ),
    "702": (
        *(0.69315,) * 10, *(1.09861,) * 4, *(1.38629,) * 3, *(1.60944,) * 2, *(1.79176,) * 2, 1.94591,
        2.07944, 2.07944, 2.19722, 2.30259, 2.48491, 2.56495, 2.70805, 2.77259, 2.94444, 3.04452, 3.21888, 3.3673,
        3.52636, 3.73767, 3.95124, 4.21951, 4.55388, 5.04343, 8.09071,
    ),
    "853": (
        0.07973, 0.28743, 0.34854, 0.51103, 0.60595, 0.65076, 0.77334, 0.84715, 0.94895, 1.0116, 1.1259, 1.22876,
        1.29937, 1.40683, 1.50408, 1.60944, 1.70475, 1.79176, 1.89717, 1.99238, 2.1001, 2.19722, 2.30259, 2.3979,
        2.50553, 2.60882, 2.71357, 2.82334, 2.93561, 3.04847, 3.16758, 3.29276, 3.42044, 3.55772, 3.70746, 3.8712,
        4.04743, 4.26619, 4.53796, 4.93687, 8.01464,
    ),
}  # fmt: skip
