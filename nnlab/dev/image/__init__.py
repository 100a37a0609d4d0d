"""The container of chapter 21, built without a Docker daemon, started, and asked: `python -m nnlab.dev.image MODEL`.

The Dockerfile is read as it is. Its base is replaced by a small one made of this computer's own Python, and the
packages come from the environment that runs this (`stand_ins`), so that no network is needed and little is computed.
buildah builds the image (`build`); `container` runs the image's own command as process 1 and as the image's user, on a
read-only file system. What was found is printed as JSON.
"""
