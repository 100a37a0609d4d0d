"""The course as a folder for any static host: what cannot run in a browser, the wheels, the notebooks, the pages."""
