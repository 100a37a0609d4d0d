// Starts Pyodide from where it lies, with our wheels in its lock file: the kernel loads what a cell imports by that file.
// Its own entries win, so that what it has compiled or patched stays as it is.
self.loadPyodide = async (options) => {
  const home = options.indexURL; // the folder of this file
  const pyodide = new URL("{{pyodide}}", home).href;
  const [lock, ours] = await Promise.all(
    [`${pyodide}pyodide-lock.json`, `${home}packages.json`].map(async (url) => (await fetch(url)).json()),
  );
  for (const one of Object.values(ours)) one.file_name = new URL(one.file_name, home).href;
  lock.packages = { ...ours, ...lock.packages };
  const text = new Blob([JSON.stringify(lock)], { type: "application/json" });
  importScripts(`${pyodide}pyodide.js`); // puts its own loadPyodide in place of this one
  return self.loadPyodide({ ...options, indexURL: pyodide, lockFileURL: URL.createObjectURL(text) });
};
