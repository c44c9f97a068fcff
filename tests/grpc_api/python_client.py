#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client of the gRPC API in another language: what it is to find is checked here.

    python_client.py PROTO_FOLDER ADDRESS TOKEN_FILE

The messages are generated from PROTO_FOLDER into a temporary folder. The test that runs this
changes the object apps/a when a line "change" is printed, and ends when this does.
"""

import pathlib
import sys
import tempfile

import grpc
from grpc_tools import protoc

LIMIT = 20  # seconds, for each call


def generate(protos, out):
    files = [str(f) for f in sorted(pathlib.Path(protos).rglob("*.proto"))]
    code = protoc.main(["protoc", f"-I{protos}", "-I/usr/include", f"--python_out={out}",
                        f"--grpc_python_out={out}", *files])
    assert code == 0, "protoc failed"
    sys.path.insert(0, out)


def main(protos, address, token_file):
    with tempfile.TemporaryDirectory() as out:
        generate(protos, out)
        from sluice.common.v1 import object_pb2, sync_status_pb2 as pb, sync_status_pb2_grpc
        metadata = [("authorization", "Bearer " + pathlib.Path(token_file).read_text().strip())]
        with grpc.insecure_channel(address) as channel:
            stub = sync_status_pb2_grpc.SyncStatusServiceStub(channel)
            check(stub, pb, object_pb2.ObjectReference, metadata)
    print("done", flush=True)


def check(stub, pb, reference, metadata):
    how = {"metadata": metadata, "timeout": LIMIT}

    # List, in pages.
    names, token = [], ""
    while True:
        page = stub.List(pb.ListRequest(page_size=2, page_token=token), **how)
        names += [item.object.name for item in page.items]
        token = page.next_page_token
        if not token:
            break
    assert names == ["a", "b", "c"], names

    # Watch: everything, the marker, then a change.
    watch = stub.Watch(pb.WatchRequest(), **how)
    seen = []
    for message in watch:
        if message.HasField("synced"):
            assert message.synced.complete
            break
        seen.append(message.changed.object.name)
    assert seen == ["a", "b", "c"], seen
    print("change", flush=True)
    message = next(watch)
    assert message.changed.revision == "r2", message
    resume = message.resume_token
    watch.cancel()

    # Resume: only what was missed.
    print("change", flush=True)
    answer = stub.WaitForRevision(
        pb.WaitForRevisionRequest(
            object=reference(kind="Kustomization", namespace="apps", name="a"), revision="r3"),
        **how)
    assert answer.outcome == pb.WaitForRevisionResponse.OUTCOME_READY, answer
    watch = stub.Watch(pb.WatchRequest(resume_token=resume), **how)
    message = next(watch)
    assert message.changed.object.name == "a" and message.changed.revision == "r3", message
    message = next(watch)
    assert message.HasField("synced") and not message.synced.complete, message
    watch.cancel()

    # Errors.
    def code(call):
        try:
            call()
        except grpc.RpcError as error:
            return error.code()
        return grpc.StatusCode.OK

    absent = pb.GetRequest(object=reference(kind="Kustomization", namespace="apps", name="zz"))
    foreign = pb.GetRequest(object=reference(kind="Bucket", namespace="apps", name="a"))
    wrong = {"metadata": [("authorization", "Bearer wrong")], "timeout": LIMIT}
    assert code(lambda: stub.Get(absent, **how)) == grpc.StatusCode.NOT_FOUND
    assert code(lambda: stub.Get(foreign, **how)) == grpc.StatusCode.INVALID_ARGUMENT
    assert code(lambda: stub.Get(absent, **wrong)) == grpc.StatusCode.UNAUTHENTICATED
    assert code(lambda: next(stub.Watch(pb.WatchRequest(), **wrong))) == \
        grpc.StatusCode.UNAUTHENTICATED


if __name__ == "__main__":
    main(*sys.argv[1:])
