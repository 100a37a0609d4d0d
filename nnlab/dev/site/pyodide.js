// Starts Pyodide from where it lies, with our wheels in its lock file: the kernel loads what a cell imports by that file.
// Ours win, so that a page runs the versions that were tested, whatever else the lock file lists.
//
// Asked for by the kernel and by Matplotlib, which do without: secure sockets, which a page cannot open, completion by
// reading sources instead of looking at what is there, the fonts of PDFs, old time zones. 5 of the 44 MB of a first visit;
// an import still loads them.
const UNUSED = ["ssl", "jedi", "fonttools", "pytz"];
const used = (names) => names.filter((name) => !UNUSED.includes(name));

self.loadPyodide = async (options) => {
  const home = options.indexURL; // the folder of this file
  const pyodide = new URL("{{pyodide}}", home).href;
  const [lock, ours] = await Promise.all(
    [`${pyodide}pyodide-lock.json`, `${home}packages.json`].map(async (url) => (await fetch(url)).json()),
  );
  for (const one of Object.values(ours)) one.file_name = new URL(one.file_name, home).href;
  lock.packages = { ...lock.packages, ...ours };
  for (const one of Object.values(lock.packages)) one.depends = used(one.depends);
  const text = new Blob([JSON.stringify(lock)], { type: "application/json" });
  importScripts(`${pyodide}pyodide.js`); // puts its own loadPyodide in place of this one
  options.packages = used(options.packages);
  return self.loadPyodide({ ...options, indexURL: pyodide, lockFileURL: URL.createObjectURL(text) });
};
