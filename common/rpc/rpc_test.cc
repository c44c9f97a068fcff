// SPDX-License-Identifier: Apache-2.0
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server_context.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "common/crypto/x509.h"
#include "common/crypto_testing/certificates.h"
#include "common/log/log.h"
#include "common/rpc/channel.h"
#include "common/rpc/server.h"
#include "common/rpc/server_call.h"
#include "common/rpc/status_bridge.h"
#include "common/testing/status_matchers.h"
#include "sluice/source/v1/artifact_service.grpc.pb.h"

namespace sluice::rpc {
namespace {

using ::sluice::testing::StatusIs;
using Code = absl::StatusCode;
using source::v1::ArtifactEvent;
using source::v1::ArtifactService;
using source::v1::SubscribeRequest;

// Answers with one event that tells who asks, then does as the request's token says.
class FakeService : public ArtifactService::Service {
 public:
  explicit FakeService(RunningCalls& calls) : calls_(calls) {}

  grpc::Status Subscribe(grpc::ServerContext* call, const SubscribeRequest* request,
                         grpc::ServerWriter<ArtifactEvent>* writer) override {
    const ServerCall scope(calls_, *call);
    ArtifactEvent event;
    const Caller caller = scope.caller();
    event.set_resume_token(
        absl::StrCat(caller.common_name, absl::StrJoin(caller.organizations, "+"), "/",
                     caller.bearer_token.Reveal(), "/",
                     scope.ctx().deadline() < absl::InfiniteFuture() ? "deadline" : "none"));
    writer->Write(event);
    if (request->resume_token() == "refuse") {
      return ToGrpc(absl::PermissionDeniedError("not you"));
    }
    if (request->resume_token() == "wait") {
      absl::Notification ended;
      const auto registration = scope.ctx().OnCancel([&] { ended.Notify(); });
      waiting.Notify();
      ended.WaitForNotification();
      left.Notify();
      return ToGrpc(scope.ctx().Check());
    }
    return grpc::Status::OK;
  }

  absl::Notification waiting;
  absl::Notification left;

 private:
  RunningCalls& calls_;
};

struct Fixture {
  explicit Fixture(ServerOptions options = {}) {
    options.address = "127.0.0.1:0";
    server =
        Server::Start(std::move(options), calls, {{ArtifactService::service_full_name(), &service}})
            .value();
  }
  std::shared_ptr<grpc::Channel> Connect(ChannelOptions options = {}) const {
    options.target = absl::StrCat("127.0.0.1:", server->port());
    return CreateChannel(std::move(options)).value();
  }

  RunningCalls calls;
  FakeService service{calls};
  std::unique_ptr<Server> server;
};

// The first event's token, or the error with which the stream ended.
absl::StatusOr<std::string> Subscribe(const std::shared_ptr<grpc::Channel>& channel,
                                      const Context& ctx, const std::string& token = "",
                                      const Secret& bearer = Secret(),
                                      const std::function<void()>& after_first = nullptr) {
  const auto stub = ArtifactService::NewStub(channel);
  const ClientCall call(ctx, bearer);
  SubscribeRequest request;
  request.set_resume_token(token);
  const auto reader = stub->Subscribe(call.get(), request);
  ArtifactEvent event;
  std::string first;
  while (reader->Read(&event)) {
    first = event.resume_token();
    if (after_first) after_first();
  }
  const absl::Status status = FromGrpc(reader->Finish());
  if (!status.ok()) return status;
  return first;
}

Context Soon() { return Context::Background().WithTimeout(absl::Seconds(20)); }

// One unary call by name, with raw bytes, as grpcurl would make it.
absl::StatusOr<std::string> CallRaw(const std::shared_ptr<grpc::Channel>& channel,
                                    const std::string& method, const std::string& request) {
  grpc::GenericStub stub(channel);
  const ClientCall call(Soon());
  grpc::CompletionQueue queue;
  const grpc::Slice slice(request);
  const grpc::ByteBuffer bytes(&slice, 1);
  const auto reader = stub.PrepareUnaryCall(call.get(), method, bytes, &queue);
  reader->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  reader->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (!status.ok()) return FromGrpc(status);
  grpc::Slice flat;
  if (!answer.DumpToSingleSlice(&flat).ok()) return absl::InternalError("no answer");
  return std::string(reinterpret_cast<const char*>(flat.begin()), flat.size());
}

TEST_CASE("statuses cross with code and message", "[rpc]") {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status status(static_cast<Code>(code), absl::StrCat("message ", code));
    CHECK(FromGrpc(ToGrpc(status)) == status);
  }
  CHECK(FromGrpc(ToGrpc(absl::OkStatus())).ok());
  CHECK(FromGrpc(grpc::Status(static_cast<grpc::StatusCode>(30), "odd")).code() == Code::kUnknown);
  const std::string longer = std::string(2047, 'x') + "\xc3\xa9 and more";
  CHECK(ToGrpc(absl::AbortedError(longer)).error_message() == std::string(2047, 'x'));
}

TEST_CASE("a call reaches its service with deadline and token, and its error comes back", "[rpc]") {
  Fixture fixture;
  const auto channel = fixture.Connect();
  CHECK(Subscribe(channel, Context::Background()).value() == "//none");
  CHECK(Subscribe(channel, Soon(), "", Secret("t0ken")).value() == "/t0ken/deadline");
  CHECK_THAT(Subscribe(channel, Soon(), "refuse").status(),
             StatusIs(Code::kPermissionDenied, "not you"));
}

TEST_CASE("cancelling the client's context ends the call on both sides", "[rpc]") {
  Fixture fixture;
  std::stop_source source;
  CHECK_THAT(Subscribe(fixture.Connect(), Context::Background().WithStopToken(source.get_token()),
                       "wait", Secret(), [&] { source.request_stop(); })
                 .status(),
             StatusIs(Code::kCancelled));
  CHECK(fixture.service.left.WaitForNotificationWithTimeout(absl::Seconds(10)));
}

TEST_CASE("a context that is cancelled already starts no call", "[rpc]") {
  Fixture fixture;
  std::stop_source source;
  source.request_stop();
  CHECK_THAT(Subscribe(fixture.Connect(), Context::Background().WithStopToken(source.get_token()))
                 .status(),
             StatusIs(Code::kCancelled));
}

TEST_CASE("a deadline ends the call on both sides", "[rpc]") {
  Fixture fixture;
  CHECK_THAT(Subscribe(fixture.Connect(),
                       Context::Background().WithTimeout(absl::Milliseconds(200)), "wait")
                 .status(),
             StatusIs(Code::kDeadlineExceeded));
  CHECK(fixture.service.left.WaitForNotificationWithTimeout(absl::Seconds(10)));
}

TEST_CASE("shutting down ends running calls", "[rpc]") {
  Fixture fixture;
  const auto channel = fixture.Connect();
  absl::Status status;
  {
    const std::jthread caller([&] { status = Subscribe(channel, Soon(), "wait").status(); });
    fixture.service.waiting.WaitForNotification();
    const absl::Time begin = absl::Now();
    fixture.server.reset();
    CHECK(absl::Now() - begin < absl::Seconds(2));
  }
  CHECK_THAT(status, StatusIs(Code::kCancelled));
  CHECK(fixture.service.left.HasBeenNotified());
  CHECK(absl::IsUnavailable(
      Subscribe(channel, Context::Background().WithTimeout(absl::Seconds(5))).status()));
}

TEST_CASE("a message larger than the server takes is refused", "[rpc]") {
  ServerOptions options;
  options.max_message = 1000;
  Fixture fixture(std::move(options));
  CHECK(Subscribe(fixture.Connect(), Soon(), std::string(900, 'x')).ok());
  CHECK_THAT(Subscribe(fixture.Connect(), Soon(), std::string(1100, 'x')).status(),
             StatusIs(Code::kResourceExhausted));
}

TEST_CASE("health and reflection are served beside the services", "[rpc]") {
  Fixture fixture;
  const auto channel = fixture.Connect();
  // HealthCheckResponse{status}: field 1, 1 is SERVING, 2 is NOT_SERVING.
  const auto health = [&](const std::string& service) {
    const std::string request =
        service.empty() ? "" : absl::StrCat("\x0a", std::string(1, char(service.size())), service);
    return CallRaw(channel, "/grpc.health.v1.Health/Check", request);
  };
  CHECK(health("").value() == "\x08\x01");
  CHECK(health("sluice.source.v1.ArtifactService").value() == "\x08\x01");
  CHECK(absl::IsNotFound(health("no.such.Service").status()));
  fixture.server->SetServing("", false);
  CHECK(health("").value() == "\x08\x02");
  // ServerReflectionRequest{list_services: ""}.
  const absl::StatusOr<std::string> services =
      CallRaw(channel, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
              std::string("\x3a\x00", 2));
  CHECK(absl::StrContains(services.value(), "sluice.source.v1.ArtifactService"));

  ServerOptions without;
  without.reflection = false;
  Fixture plain(std::move(without));
  CHECK_THAT(
      CallRaw(plain.Connect(), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
              std::string("\x3a\x00", 2))
          .status(),
      StatusIs(Code::kUnimplemented));
}

// Key pairs as files, gone with the object.
class Files {
 public:
  Files() : folder_(std::filesystem::temp_directory_path() / "sluice-rpc-test-XXXXXX") {
    std::string name = folder_;
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder_ = name;
  }
  ~Files() { std::filesystem::remove_all(folder_); }

  TlsFiles Write(const std::string& name, const crypto::KeyPair& pair,
                 const crypto::KeyPair& authority) const {
    TlsFiles files = {folder_ / (name + ".crt"), folder_ / (name + ".key"),
                      folder_ / (name + ".ca"), 1};
    std::ofstream(files.certificate) << pair.certificate_pem;
    std::ofstream(files.private_key) << std::string(pair.private_key_pem.Reveal());
    std::ofstream(files.authorities) << authority.certificate_pem;
    return files;
  }

 private:
  std::filesystem::path folder_;
};

crypto_testing::Certificates Issue() {
  return crypto_testing::IssueCertificates({.server_names = {"source.test"},
                                            .user = "kustomize-controller",
                                            .groups = {"team, a", "ops"}});
}

TEST_CASE("TLS verifies the server, and the client when asked to", "[rpc]") {
  const crypto_testing::Certificates certificates = Issue();
  const Files files;
  for (const bool required : {false, true}) {
    CAPTURE(required);
    ServerOptions options;
    options.tls = files.Write("server", certificates.server, certificates.authority);
    options.require_client_certificate = required;
    Fixture fixture(std::move(options));

    const Context ctx = Context::Background().WithTimeout(absl::Seconds(5));
    const TlsFiles client = files.Write("client", certificates.client, certificates.authority);
    ChannelOptions tls;
    tls.tls = true;
    tls.tls_files.authorities = client.authorities;
    tls.server_name = "source.test";
    CHECK(Subscribe(fixture.Connect(tls), ctx).ok() == !required);

    tls.tls_files = client;
    CHECK_THAT(Subscribe(fixture.Connect(tls), ctx).value(),
               Catch::Matchers::Equals("kustomize-controllerops+team, a//deadline") ||
                   Catch::Matchers::Equals("kustomize-controllerteam, a+ops//deadline"));

    ChannelOptions elsewhere = tls;
    elsewhere.server_name = "other.test";
    CHECK(absl::IsUnavailable(Subscribe(fixture.Connect(elsewhere), ctx).status()));
    ChannelOptions stranger = tls;
    stranger.tls_files = files.Write("stranger", certificates.client, Issue().authority);
    CHECK(absl::IsUnavailable(Subscribe(fixture.Connect(stranger), ctx).status()));
    CHECK(absl::IsUnavailable(Subscribe(fixture.Connect(), ctx).status()));
  }
}

TEST_CASE("changed certificate files serve the next connection", "[rpc]") {
  const Files files;
  const crypto_testing::Certificates before = Issue();
  const crypto_testing::Certificates after = Issue();
  ServerOptions options;
  options.tls = files.Write("server", before.server, before.authority);
  Fixture fixture(std::move(options));
  ChannelOptions trusts_new;
  trusts_new.tls = true;
  trusts_new.server_name = "source.test";
  trusts_new.tls_files.authorities =
      files.Write("client", after.client, after.authority).authorities;
  CHECK(absl::IsUnavailable(
      Subscribe(fixture.Connect(trusts_new), Context::Background().WithTimeout(absl::Seconds(5)))
          .status()));
  files.Write("server", after.server, after.authority);
  // gRPC looks at the files each second; every attempt is a connection of its own.
  absl::Status status = absl::UnavailableError("not tried");
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (!status.ok() && absl::Now() < end) {
    status =
        Subscribe(fixture.Connect(trusts_new), Context::Background().WithTimeout(absl::Seconds(2)))
            .status();
  }
  CHECK(status.ok());
}

TEST_CASE("a subject's values are read as RFC 2253 writes them", "[rpc]") {
  using Values = std::vector<std::string>;
  CHECK(SubjectValues("CN=a,O=x\\,y,O=z", "O") == Values{"x,y", "z"});
  CHECK(SubjectValues("O=x+CN=a", "CN") == Values{"a"});
  CHECK(SubjectValues("CN=O\\=x", "O").empty());
  CHECK(SubjectValues("", "O").empty());
}

TEST_CASE("what cannot be served or reached is refused by name", "[rpc]") {
  Fixture fixture;
  const auto refusal = [&](ServerOptions options) {
    return Server::Start(std::move(options), fixture.calls, {}).status();
  };
  ServerOptions options;
  options.address = absl::StrCat("127.0.0.1:", fixture.server->port());
  CHECK_THAT(refusal(options), StatusIs(Code::kUnavailable, options.address));
  options.address = "127.0.0.1:0";
  options.tls.certificate = "/nonexistent";
  CHECK_THAT(refusal(options), StatusIs(Code::kInvalidArgument, "key file"));
  options.tls.private_key = "/nonexistent";
  CHECK_THAT(refusal(options), StatusIs(Code::kInvalidArgument, "/nonexistent"));
  CHECK_THAT(CreateChannel({}).status(), StatusIs(Code::kInvalidArgument, "target"));
  ChannelOptions channel;
  channel.target = "127.0.0.1:1";
  channel.tls_files.authorities = "x";
  CHECK_THAT(CreateChannel(channel).status(),
             StatusIs(Code::kInvalidArgument, "certificates without TLS"));
}

}  // namespace
}  // namespace sluice::rpc
