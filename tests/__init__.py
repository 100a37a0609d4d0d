"""Tests and benches. A package, so that one may use another: `from tests.browser.shown import Shown`."""
