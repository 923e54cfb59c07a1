"""The same kind of model on real recordings: the valve experiments of SKAB (github waico/SKAB).

As its own notebooks do: each experiment is standardised on its first 400 rows, which are normal,
learning sees those rows alone, and each later row is judged by the window that ends with it.
"""

import pathlib
import sys

import numpy as np
import pandas as pd
import torch

from autoencoder import Score, export, run, train, windows_of

HEAD, LENGTH, LATENT = 400, 60, 4


def recordings(folder):
    files = sorted(pathlib.Path(folder).glob("valve*.csv"))
    if not files:
        sys.exit(f"{folder}: expected SKAB recordings (valve*.csv), found none")
    for file in files:
        table = pd.read_csv(file, sep=";")
        values = table.drop(columns=["datetime", "anomaly", "changepoint"]).to_numpy()
        head = values[:HEAD]
        yield file.name, (values - head.mean(0)) / head.std(0), table["anomaly"].to_numpy() > 0


def rates(found, real):
    true, false = (found & real).sum(), (found & ~real).sum()
    missed, quiet = (~found & real).sum(), (~found & ~real).sum()
    return (2 * true / max(1, 2 * true + false + missed), false / max(1, false + quiet),
            missed / max(1, missed + true))


YAML = """\
name: skab-autoencoder
version: 1.0.0
inputs:
  window: { fields: [window], shape: [n, 60, 8], type: float32, onBad: reject }
outputs:
  score: { unit: "1", description: whitened reconstruction error of 60 rows; above 1 is beyond normal running }
golden: { file: golden.arrow, tolerance: 1e-5 }
nameplate:
  provider: Madang
  trainedOn: SKAB, first 400 rows of the valve1 experiments, each standardised on them
  license: GPL-3.0
  intendedUse: comparison with published results
"""


def write(score, experiments, folder):
    """A plugin archive's content: rows of 60 x 8, oldest first, as a pipeline's window gives them."""
    model = folder / "models/skab-autoencoder"
    model.mkdir(parents=True, exist_ok=True)
    score.time_first = True
    export(score, torch.zeros(1, LENGTH, 8), str(model / "model.onnx"))
    (model / "model.yaml").write_text(YAML)
    (folder / "plugin.properties").write_text(
        "plugin.id=skab-autoencoder\nplugin.version=1.0.0\nplugin.requires=>=0.1.0 & <1.0.0\n")
    name, values, _ = experiments[0]
    windows = windows_of(values, LENGTH, 1).transpose(1, 2).contiguous()
    golden = windows[::200].contiguous()
    golden.numpy().astype("<f4").tofile(model / "golden-window.f32")
    run(score, golden).astype("<f4").tofile(model / "golden-score.f32")
    windows.numpy().astype("<f4").tofile(folder / f"{name}-windows.f32")
    run(score, windows).astype("<f4").tofile(folder / f"{name}-scores.f32")


def main(folder, out):
    experiments = list(recordings(folder))
    heads = torch.cat([windows_of(values[:HEAD], LENGTH, 1) for _, values, _ in experiments])
    print(f"{len(heads)} windows of normal running in {len(experiments)} recordings")
    score = Score(train(heads, LATENT, epochs=60)).eval()
    score.fit(heads, quantile=0.99, margin=4 / 3)
    print("recording | rows | windows | F1 | false alarm rate | missed alarm rate")
    founds, reals = [], []
    for name, values, anomaly in experiments:
        scores = run(score, windows_of(values, LENGTH, 1))
        found = np.concatenate([np.zeros(LENGTH - 1, bool), scores > 1])
        founds.append(found)
        reals.append(anomaly)
        print(f"{name} | {len(values)} | {len(scores)} | "
              + " | ".join(f"{rate:.3f}" for rate in rates(found, anomaly)))
    print("all | | | " + " | ".join(
        f"{rate:.3f}" for rate in rates(np.concatenate(founds), np.concatenate(reals))))
    if out:
        write(score, experiments, pathlib.Path(out))
