"""Forecasts of an hourly series: baselines and networks of one signature, a backtest that runs all of them alike, and
intervals with the coverage that they promise."""

from .backtest import Backtest, backtest
from .baselines import BoostedForecaster, LinearForecaster, SeasonalNaive
from .forecaster import Forecaster, Recursive, calendar
from .intervals import QuantileLoss, conformal_margin, coverage
from .networks import CELLS, ForecastNetwork, NetworkForecaster
