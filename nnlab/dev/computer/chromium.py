"""Find a Chromium or Chrome for the browser tests, without importing anything that must be installed first."""

import os
import shutil
from pathlib import Path

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"]
PLACES = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
]

CURE = (
    "install Chromium or Chrome (on Debian and Ubuntu `sudo apt-get install chromium`), "
    "or set the variable CHROMIUM to the program's path"
)


def find_browser() -> str | None:
    """The program: that of the variable CHROMIUM if it is set, else the first that is found; None without one."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or next((place for place in PLACES if Path(place).is_file()), None)


def no_browser() -> str:
    """Why there is no browser, with the cure; empty if there is one."""
    return "" if find_browser() else f"there is no browser: {CURE}"
