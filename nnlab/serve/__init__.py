"""The service of chapter 21: a trained model behind HTTP, and the same model over files.

    python -m nnlab serve digits.onnx               # or: python -m nnlab.serve digits.onnx
    python -m nnlab predict digits.onnx in.parquet out.csv

A request goes through the modules in this order: `app` (what a path answers), `schema` (is the input what the model
takes?), `service` (which version answers?), `batching` (several requests, one call), `model` (ONNX Runtime). `worker`
runs one such process, `supervisor` keeps several alive, `client` talks to them. `export` makes the file that is served.
"""
