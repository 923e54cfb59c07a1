"""Recordings of the simulated plant, and the trial of a trained score on them."""

import io
import os
import pathlib
import subprocess
import sys

import numpy as np
import pandas as pd

from autoencoder import run, windows_of

FIELDS = ["vibrationA", "vibrationB", "current", "pressure", "temperature", "flow"]
FAULTS = ["worn-bearing", "cavitation", "blocked-valve"]
RATE, LENGTH, HOP, AFTER = 10, 60, 5, 3  # as in pipeline.yaml
ROOT = pathlib.Path(__file__).resolve().parents[3]


def record(seed, minutes, *faults):
    classes = ROOT / "plugins/simulator/target/classes"
    if not classes.exists():
        sys.exit(f"{classes} is missing; build it: mvn -q -DskipTests package")
    home = os.environ.get("JAVA_HOME")
    command = [f"{home}/bin/java" if home else "java", "-XX:TieredStopAtLevel=1",
               "-cp", str(classes), "kr.madang.plugins.simulator.PlantRecorder"]
    command += ["--seed", str(seed), "--minutes", str(minutes), "--rate", str(RATE)]
    for fault in faults:
        command += ["--fault", fault]
    csv = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return pd.read_csv(io.StringIO(csv))[FIELDS].to_numpy()


def alarms(score, values):
    """(time of each scored window's end, its score, whether the alarm is active)."""
    scores = run(score, windows_of(values, LENGTH, HOP))
    over = scores > 1
    active = np.array([i >= AFTER - 1 and over[i - AFTER + 1:i + 1].all() for i in range(len(over))])
    return (np.arange(len(scores)) * HOP + LENGTH - 1) / RATE, scores, active


def starts(active):
    return int((active & ~np.concatenate([[False], active[:-1]])).sum())


def delay(times, active, since):
    hits = times[active & (times > since)]
    return hits[0] - since if len(hits) else np.inf


def trial(score, mean, deviation, seeds, onsets=(60,)):
    """Prints one line a seed; gives (false alarms, delays) over all."""
    print("For each fault the longest delay over switch-ons at "
          + ", ".join(f"{onset} s" for onset in onsets)
          + "; for 4 sigma on each signal alone how many of them it found within 15 s.")
    print("seed | false alarms in 10 min | highest | " + " | ".join(FAULTS)
          + " | 4 sigma: false alarms | " + " | ".join(FAULTS))
    all_false, all_delays = 0, []
    for seed in seeds:
        normal = (record(seed, 10) - mean) / deviation
        _, scores, active = alarms(score, normal)
        false_alarms = starts(active)
        all_false += false_alarms
        cells, sigma = [], []
        for fault in FAULTS:
            delays, baseline = [], []
            for onset in onsets:
                values = (record(seed, onset / 60 + 1, f"{fault}@{onset}") - mean) / deviation
                times, _, active = alarms(score, values)
                delays.append(delay(times, active, onset))
                beyond = (np.abs(values) > 4).any(1)
                baseline.append(delay(np.arange(len(values)) / RATE, beyond, onset))
            all_delays += delays
            cells.append(f"{max(delays):.1f} s")
            sigma.append(f"{sum(each <= 15 for each in baseline)} of {len(baseline)}")
        limit = starts((np.abs(normal) > 4).any(1))
        print(f"{seed} | {false_alarms} | {scores.max():.2f} | "
              + " | ".join(cells) + f" | {limit} | " + " | ".join(sigma), flush=True)
    return all_false, np.array(all_delays)
