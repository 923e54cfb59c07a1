#!/usr/bin/env python3
"""Trains the model of this sample on the simulated plant, or the same kind of model on recordings.

  train.py              trains, writes the model in ../src/main/plugin, then tries it on unseen seeds
  train.py --evaluate   tries the committed model on unseen seeds
  train.py DIR          trains and scores on a folder of SKAB recordings (valve*.csv)
  train.py DIR --out O  also writes the model of that folder to O

Needs Debian's python3-torch, python3-onnx and python3-pandas, and a JDK 25 on the PATH.
"""

import argparse
import pathlib
import sys

import numpy as np
import onnx
import torch
from onnx import numpy_helper

import plant
import skab
from autoencoder import Score, export, run, train, windows_of

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE.parent / "src/main/plugin/models/pump-autoencoder"
TRAIN, VALIDATE, TEST = range(1, 61), range(61, 91), range(101, 106)
LATENT = 4
MINUTES = 8

YAML = """\
name: pump-autoencoder
version: 1.0.0
inputs:
  window: {{ fields: [{fields}], shape: [n, 6, 60], type: float32, onBad: reject }}
outputs:
  score: {{ unit: "1", description: whitened reconstruction error of 6 s; above 1 is beyond normal running }}
golden: {{ file: golden.arrow, tolerance: 1e-5 }}
scale:
{scale}
nameplate:
  provider: Madang
  trainedOn: simulated pump loop, seeds {first}-{last}, 8 min each of normal running at 10 Hz
  license: Apache-2.0
  intendedUse: demonstration on the simulated plant of plugins/simulator; not for a real pump
"""


def fit():
    train_on = [plant.record(seed, MINUTES) for seed in TRAIN]
    together = np.concatenate(train_on)
    mean, deviation = together.mean(0), together.std(0)
    scaled = [(values - mean) / deviation for values in train_on]
    windows = torch.cat([windows_of(values, plant.LENGTH, 12) for values in scaled])
    # Heat is slow: the recordings hold few temperatures, a plant will see all of them.
    offset = torch.randn(len(windows), 1, generator=torch.Generator().manual_seed(1))
    windows[:, plant.FIELDS.index("temperature")] += 1.2 * offset
    print(f"{len(windows)} windows of normal running")
    score = Score(train(windows, LATENT, epochs=40)).eval()
    unseen = [(plant.record(seed, MINUTES) - mean) / deviation for seed in VALIDATE]
    score.fit(torch.cat([windows_of(values, plant.LENGTH, plant.HOP) for values in unseen]),
              quantile=0.998, margin=1.5)
    return score, mean, deviation


def write(score, mean, deviation):
    MODEL.mkdir(parents=True, exist_ok=True)
    export(score, torch.zeros(1, 6, plant.LENGTH), str(MODEL / "model.onnx"))
    (MODEL / "model.yaml").write_text(YAML.format(
        fields=", ".join(plant.FIELDS), first=TRAIN[0], last=TRAIN[-1],
        scale="\n".join(f"  {field}: {{ mean: {m:.6f}, deviation: {d:.6f} }}"
                        for field, m, d in zip(plant.FIELDS, mean, deviation))))
    mean, deviation = committed_scale()
    normal = windows_of((plant.record(201, 1) - mean) / deviation, plant.LENGTH, 60)
    faulty = [windows_of((plant.record(202, 1, f"{fault}@0") - mean) / deviation, plant.LENGTH, 270)
              for fault in plant.FAULTS]
    write_golden(score, torch.cat([normal, *faulty]), MODEL)


def write_golden(score, windows, folder):
    """Raw float32; Golden.java makes golden.arrow of it."""
    folder = pathlib.Path(folder)
    windows.contiguous().numpy().astype("<f4").tofile(folder / "golden-window.f32")
    run(score, windows).astype("<f4").tofile(folder / "golden-score.f32")


def committed_scale():
    lines = [line for line in (MODEL / "model.yaml").read_text().splitlines() if "deviation:" in line]
    numbers = [[float(part.split(":")[1].strip(" }")) for part in line.split("{")[1].split(",")]
               for line in lines]
    return np.array(numbers)[:, 0], np.array(numbers)[:, 1]


def committed():
    """The committed model as a module again: the ONNX file keeps the names of its parameters."""
    score = Score(train(torch.zeros(1, 6, plant.LENGTH), LATENT, epochs=1)).eval()
    file = onnx.load(str(MODEL / "model.onnx"))
    score.load_state_dict({each.name: torch.from_numpy(numpy_helper.to_array(each).copy())
                           for each in file.graph.initializer})
    return score


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", help="a folder of SKAB recordings")
    parser.add_argument("--out", help="where to write the model of DATA")
    parser.add_argument("--evaluate", action="store_true", help="try the committed model only")
    parser.add_argument("--seeds", type=int, default=len(TEST), help="how many unseen seeds to try")
    options = parser.parse_args()
    if options.data:
        skab.main(options.data, options.out)
        return
    if not options.evaluate:
        write(*fit())
    mean, deviation = committed_scale()
    seeds = range(TEST[0], TEST[0] + options.seeds)
    false, delays = plant.trial(committed(), mean, deviation, seeds, onsets=(60, 100, 140))
    late = int((delays > 15).sum())
    print(f"{false} false alarms in {10 * options.seeds} min; of {len(delays)} faults {late} not "
          f"within 15 s; median {np.median(delays):.1f} s, longest {delays.max():.1f} s")
    sys.exit(1 if false or late else 0)


if __name__ == "__main__":
    main()
