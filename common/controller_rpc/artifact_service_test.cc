// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/artifact_service.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <deque>

#include "absl/strings/str_cat.h"
#include "common/controller_rpc/artifact_subscriber.h"
#include "common/rpc/channel.h"
#include "common/rpc/server.h"
#include "sluice/source/v1/artifact_service.grpc.pb.h"

namespace sluice::controller_rpc {
namespace {

artifact::Publication At(const std::string& name, const std::string& revision) {
  artifact::Publication publication;
  publication.source = {"GitRepository", {"default", name}};
  publication.uid = "uid";
  publication.generation = 3;
  publication.artifact.revision = revision;
  publication.artifact.digest = "sha256:" + revision;
  publication.artifact.url = "http://source/" + revision;
  publication.artifact.size = 7;
  publication.artifact.metadata = {{"k", "v"}};
  return publication;
}

// A hub behind a server, as source-controller has it. Dies like a process does.
struct Publisher {
  artifact::Hub hub;
  rpc::RunningCalls calls;
  Guard guard{nullptr, RealClock()};
  const std::unique_ptr<grpc::Service> service =
      CreateArtifactService(hub, guard, RealClock(), calls);
  std::unique_ptr<rpc::Server> server;

  Publisher(std::string epoch, int port) : hub(std::move(epoch)) {
    rpc::ServerOptions options;
    options.address = absl::StrCat("127.0.0.1:", port);
    server = rpc::Server::Start(
                 options, calls,
                 {{sluice::source::v1::ArtifactService::service_full_name(), service.get()}})
                 .value();
  }
};

// What a subscriber heard.
class Ears {
 public:
  void Hear(const artifact::Event& event) {
    absl::MutexLock lock(&mutex_);
    events_.push_back(event);
  }
  // The next event; fails the test after ten seconds.
  artifact::Event Next() {
    absl::MutexLock lock(&mutex_);
    const auto any = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !events_.empty(); };
    REQUIRE(mutex_.AwaitWithTimeout(absl::Condition(&any), absl::Seconds(10)));
    artifact::Event event = events_.front();
    events_.pop_front();
    return event;
  }

 private:
  absl::Mutex mutex_;
  std::deque<artifact::Event> events_ ABSL_GUARDED_BY(mutex_);
};

TEST_CASE("events reach a subscriber whole, and again after the publisher was restarted",
          "[source]") {
  Ears ears;
  auto publisher = std::make_unique<Publisher>("first", 0);
  const int port = publisher->server->port();
  publisher->hub.Publish(At("a", "r1"));
  const ArtifactSubscriber subscriber(
      Context::Background(), absl::StrCat("127.0.0.1:", port), {}, {},
      [&](const artifact::Event& event) { ears.Hear(event); }, RealClock());

  const artifact::Event snapshot = ears.Next();
  CHECK(snapshot.type == artifact::EventType::kSnapshot);
  CHECK(snapshot.publication.source == At("a", "r1").source);
  CHECK(snapshot.publication.artifact.url == "http://source/r1");
  CHECK(snapshot.publication.artifact.metadata.at("k") == "v");
  CHECK(snapshot.publication.generation == 3);
  CHECK(ears.Next().type == artifact::EventType::kSynced);
  publisher->hub.Publish(At("a", "r2"));
  CHECK(ears.Next().publication.artifact.revision == "r2");
  publisher->hub.Remove(At("a", "r2").source);
  CHECK(ears.Next().type == artifact::EventType::kDeleted);

  publisher.reset();
  publisher = std::make_unique<Publisher>("second", port);
  publisher->hub.Publish(At("b", "r1"));
  artifact::Event event = ears.Next();
  // What was published before the subscriber was back comes as snapshot, later as update.
  if (event.type == artifact::EventType::kSynced) event = ears.Next();
  CHECK(event.publication.source.key.name == "b");
}

TEST_CASE("only kinds of sources can be subscribed to", "[source]") {
  Publisher publisher("epoch", 0);
  const auto channel =
      rpc::CreateChannel({.target = absl::StrCat("127.0.0.1:", publisher.server->port())}).value();
  const auto stub = sluice::source::v1::ArtifactService::NewStub(channel);
  grpc::ClientContext call;
  sluice::source::v1::SubscribeRequest request;
  request.add_kinds("Kustomization");
  const auto reader = stub->Subscribe(&call, request);
  sluice::source::v1::ArtifactEvent event;
  CHECK(!reader->Read(&event));
  CHECK(reader->Finish().error_code() == grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace sluice::controller_rpc
