"""The server that many members start from: FastAPI, pydantic, ONNX Runtime. For the bar `http`.

usage: fastapi_server.py MODEL.onnx PORT WORKERS

Where onnxruntime is not installed (Debian has no package of it) the same perceptron is computed with
numpy, which costs about what a call of onnxruntime does; the bar then says `fastapi+numpy`.
"""

import os
import sys

import numpy
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

try:
    import onnxruntime
except ImportError:
    onnxruntime = None


class Tensor(BaseModel):
    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class Request(BaseModel):
    inputs: list[Tensor]


def fields(message):
    """The fields of a protobuf message: number and value, bytes or a whole number."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
        elif tag & 7 == 2:
            length = varint()
            yield tag >> 3, message[at : at + length]
            at += length
        else:
            raise ValueError("a field of kind %d" % (tag & 7))


class Perceptron:
    """Gemm and Relu in turn, on the weights w1, b1, w2, b2, … of a file."""

    def __init__(self, file):
        with open(file, "rb") as opened:
            model = opened.read()
        (graph,) = [value for number, value in fields(model) if number == 7]
        known = {}
        for tensor in [value for number, value in fields(graph) if number == 5]:
            parts = list(fields(tensor))
            shape = [value for number, value in parts if number == 1]
            (name,) = [value.decode() for number, value in parts if number == 8]
            (raw,) = [value for number, value in parts if number == 9]
            known[name] = numpy.frombuffer(raw, dtype=numpy.float32).reshape(shape)
        count = len(known) // 2
        self.layers = [(known["w%d" % i], known["b%d" % i]) for i in range(1, count + 1)]

    def run(self, names, given):
        y = given["x"]
        for i, (weights, bias) in enumerate(self.layers):
            if i:
                y = numpy.maximum(y, 0)
            y = y @ weights + bias
        return [y]


def session(file):
    if onnxruntime is None:
        return Perceptron(file)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


model = session(os.environ["BENCH_MODEL"]) if "BENCH_MODEL" in os.environ else None
app = FastAPI()


@app.get("/ready")
def ready():
    return {}


@app.post("/v2/models/mlp/infer")
async def infer(request: Request):
    given = {
        one.name: numpy.array(one.data, dtype=numpy.float32).reshape(one.shape)
        for one in request.inputs
    }
    (y,) = model.run(["y"], given)
    return {
        "model_name": "mlp",
        "outputs": [
            {"name": "y", "shape": list(y.shape), "datatype": "FP32", "data": y.ravel().tolist()}
        ],
    }


if __name__ == "__main__":
    os.environ["BENCH_MODEL"] = sys.argv[1]
    # One thread for each worker, as the session above has.
    os.environ.update({"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})
    uvicorn.run(
        "fastapi_server:app",
        host="127.0.0.1",
        port=int(sys.argv[2]),
        workers=int(sys.argv[3]),
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
    )
