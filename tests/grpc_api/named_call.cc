// SPDX-License-Identifier: Apache-2.0
#include "tests/grpc_api/named_call.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include "absl/time/clock.h"
#include "common/base/context.h"
#include "common/rpc/channel.h"
#include "common/rpc/status_bridge.h"

namespace sluice::grpc_api {
namespace {

constexpr absl::Duration kLimit = absl::Seconds(20);

// The next thing that the queue tells; whether it went well.
bool Await(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

}  // namespace

Answer CallByName(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                  const std::string& request, const Secret& token, absl::Duration patience) {
  Answer answer;
  grpc::GenericStub stub(channel);
  const rpc::ClientCall call(Context::Background().WithTimeout(kLimit), token);
  grpc::CompletionQueue queue;
  const auto stream = stub.PrepareCall(call.get(), method, &queue);
  stream->StartCall(nullptr);
  Await(queue);
  const grpc::Slice slice(request);
  stream->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
  Await(queue);
  bool ended_by_us = false;
  while (true) {
    grpc::ByteBuffer bytes;
    stream->Read(&bytes, nullptr);
    void* tag = nullptr;
    bool ok = false;
    const auto next = queue.AsyncNext(&tag, &ok, absl::ToChronoTime(absl::Now() + patience));
    // The first message may take its time; what follows comes at once or not at all.
    if (next == grpc::CompletionQueue::TIMEOUT && answer.messages.empty()) {
      ok = Await(queue);
    } else if (next == grpc::CompletionQueue::TIMEOUT) {
      ended_by_us = true;
      call.get()->TryCancel();
      Await(queue);
      break;
    }
    if (!ok) break;
    grpc::Slice flat;
    if (!bytes.DumpToSingleSlice(&flat).ok()) break;
    answer.messages.emplace_back(reinterpret_cast<const char*>(flat.begin()), flat.size());
  }
  grpc::Status status;
  stream->Finish(&status, nullptr);
  Await(queue);
  queue.Shutdown();
  while (Await(queue)) {
  }
  answer.status = ended_by_us ? absl::OkStatus() : rpc::FromGrpc(status);
  return answer;
}

}  // namespace sluice::grpc_api
