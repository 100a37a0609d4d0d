"""Batch inference as a command: `python -m nnlab predict MODEL INPUT OUTPUT` runs this in the finished environment."""

from __future__ import annotations

import sys

from nnlab.serve.batch import predict_file


def main(argv: list[str]) -> int:
    """model, input, output, rows, workers and maybe a scheduler. 0, 1 for a mistake, 130 after Ctrl-C."""
    from tqdm import tqdm

    model, source, output, rows, workers, *scheduler = argv
    with tqdm(unit="chunk", desc="predicting") as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        try:
            predict_file(
                model,
                source,
                output,
                rows=int(rows),
                workers=int(workers),
                scheduler=scheduler[0] if scheduler else None,
                progress=progress,
            )
        except (ValueError, OSError) as error:
            bar.close()
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            bar.close()
            print("\nStopped. Type the same again to go on.", file=sys.stderr)
            return 130
    print(f"Written to {output}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
