"""The server that many members start from: FastAPI, pydantic, ONNX Runtime. For the bar `http`.

usage: fastapi_server.py MODEL.onnx PORT WORKERS
"""

import os
import sys

import numpy
import onnxruntime
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Tensor(BaseModel):
    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class Request(BaseModel):
    inputs: list[Tensor]


options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(
    os.environ["BENCH_MODEL"], options, providers=["CPUExecutionProvider"]
) if "BENCH_MODEL" in os.environ else None
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
    (y,) = session.run(["y"], given)
    return {
        "model_name": "mlp",
        "outputs": [
            {"name": "y", "shape": list(y.shape), "datatype": "FP32", "data": y.ravel().tolist()}
        ],
    }


if __name__ == "__main__":
    os.environ["BENCH_MODEL"] = sys.argv[1]
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
