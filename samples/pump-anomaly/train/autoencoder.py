"""A small convolutional autoencoder and the score that is made of what it cannot rebuild."""

import numpy as np
import torch
from torch import nn


class Autoencoder(nn.Module):
    """[n, fields, 60] -> the same, through 5 x `latent` numbers."""

    def __init__(self, fields, latent):
        super().__init__()
        self.encode = nn.Sequential(
            nn.Conv1d(fields, 24, 7, stride=2, padding=3), nn.ELU(),
            nn.Conv1d(24, 24, 5, stride=2, padding=2), nn.ELU(),
            nn.Conv1d(24, latent, 3, stride=3))
        self.decode = nn.Sequential(
            nn.ConvTranspose1d(latent, 24, 3, stride=3), nn.ELU(),
            nn.ConvTranspose1d(24, 24, 4, stride=2, padding=1), nn.ELU(),
            nn.ConvTranspose1d(24, fields, 4, stride=2, padding=1))

    def forward(self, window):
        return self.decode(self.encode(window))


class Score(nn.Module):
    """Length of the whitened residual features of a window, 1 at the limit of normal running.

    Features: for each field the mean residual (an offset from what the other signals say) and the
    mean absolute residual (its restlessness). Whitening weighs each by how much it varies, together
    with the others, while all is well.
    """

    def __init__(self, model, time_first=False):
        super().__init__()
        self.model, self.time_first = model, time_first
        features = 2 * next(model.parameters()).shape[1]
        self.register_buffer("center", torch.zeros(features))
        self.register_buffer("whiten", torch.eye(features))
        self.register_buffer("limit", torch.ones(()))

    def features(self, window):
        if self.time_first:
            window = window.transpose(1, 2)
        residual = window - self.model(window)
        return torch.cat([residual.mean(2), residual.abs().mean(2)], 1)

    def forward(self, window):
        whitened = (self.features(window) - self.center) @ self.whiten
        return (whitened * whitened).mean(1).sqrt() / self.limit

    def fit(self, windows, quantile, margin, floor=(0.06, 0.02)):
        """Takes the whitening and the limit from windows of normal running.

        The floor, in deviations of a signal, keeps a calm signal from shouting about nothing.
        """
        with torch.no_grad():
            features = torch.cat([self.features(part) for part in windows.split(4096)])
            self.center.copy_(features.mean(0))
            covariance = np.cov((features - self.center).double().numpy().T)
            covariance += np.diag(np.repeat(np.square(floor), len(covariance) // 2))
            inverse = np.linalg.cholesky(np.linalg.inv(covariance))
            self.whiten.copy_(torch.from_numpy(inverse).float())
            scores = run(self, windows)
            self.limit.copy_(torch.tensor(float(np.quantile(scores, quantile)) * margin))


def windows_of(values, length, hop):
    """[rows, fields] -> [n, fields, length]."""
    view = np.lib.stride_tricks.sliding_window_view(values, length, axis=0)[::hop]
    return torch.from_numpy(np.ascontiguousarray(view, dtype=np.float32))


def train(windows, latent, epochs, seed=1):
    torch.manual_seed(seed)
    model = Autoencoder(windows.shape[1], latent)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    steps = epochs * (len(windows) // 256 + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    for epoch in range(epochs):
        total = 0.0
        for index in torch.randperm(len(windows)).split(256):
            optimizer.zero_grad()
            batch = windows[index]
            loss = (model(batch) - batch).square().mean()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(index)
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: mean squared error {total / len(windows):.5f}", flush=True)
    return model.eval()


def run(score, windows):
    with torch.no_grad():
        return torch.cat([score(part) for part in windows.split(4096)]).numpy()


def export(score, example, file):
    axes = {"window": {0: "n"}, "score": {0: "n"}}
    torch.onnx.export(score, example, file, input_names=["window"], output_names=["score"],
                      dynamic_axes=axes, opset_version=15)
