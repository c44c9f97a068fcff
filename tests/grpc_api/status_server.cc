// SPDX-License-Identifier: Apache-2.0
#include "tests/grpc_api/status_server.h"

#include <grpcpp/channel.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/base/clock.h"
#include "common/controller_rpc/artifact_service.h"
#include "common/controller_rpc/sync_status_service.h"
#include "common/kube/http_client.h"
#include "common/kube/kubeconfig.h"
#include "common/kube/object.h"
#include "common/rpc/channel.h"
#include "common/value/yaml.h"

namespace sluice::grpc_api {
namespace {

std::vector<Value> Definitions() {
  std::vector<Value> definitions;
  for (const auto& entry : std::filesystem::directory_iterator(
           absl::StrCat(SLUICE_TEST_SOURCE, "/charts/sluice/crds"))) {
    std::ifstream file(entry.path());
    std::ostringstream text;
    text << file.rdbuf();
    std::vector<value::YamlDocument> documents = value::ParseYamlStream(text.str()).value();
    for (value::YamlDocument& document : documents) {
      definitions.push_back(std::move(document.value));
    }
  }
  return definitions;
}

std::unique_ptr<devapi::DevApiServer> StartApiServer() {
  devapi::DevApiServerOptions options;
  options.objects = Definitions();
  return devapi::DevApiServer::Start(std::move(options)).value();
}

}  // namespace

StatusServer::StatusServer(const StatusServerOptions& options)
    : api_(StartApiServer()),
      client_(
          kube::CreateHttpClient(kube::ParseKubeconfig(api_->Kubeconfig(), "").value()).value()),
      discovery_(std::make_unique<kube::Discovery>(*client_)),
      reviewer_(std::make_unique<access::Reviewer>(*client_, RealClock())),
      guard_(options.authenticate ? reviewer_.get() : nullptr, RealClock(), options.limits) {
  for (const std::string& manifest : options.manifests) Write(manifest);
  const Context running = ctx_.WithStopToken(stop_.get_token());
  for (const std::string& kind : options.kinds) {
    informers_.push_back(std::make_unique<runtime::Informer>(
        *client_, api::KindOrDie(kind), runtime::InformerOptions{}, RealClock()));
    board_.Follow(*informers_.back());
    informers_.back()->Start(running);
    if (!informers_.back()->WaitForSync(ctx_).ok()) std::abort();
  }
  status_ = controller_rpc::CreateSyncStatusService(
      {board_, *client_, *discovery_, guard_, RealClock(), calls_,
       [](const std::string&) { return absl::OkStatus(); }});
  artifacts_ = controller_rpc::CreateArtifactService(hub_, guard_, RealClock(), calls_);
  rpc::ServerOptions server;
  server.address = "127.0.0.1:0";
  server.tls = options.tls;
  server_ = rpc::Server::Start(server, calls_,
                               {{"sluice.common.v1.SyncStatusService", status_.get()},
                                {"sluice.source.v1.ArtifactService", artifacts_.get()}})
                .value();
  channel_ = rpc::CreateChannel({.target = address()}).value();
}

StatusServer::~StatusServer() {
  server_.reset();
  stop_.request_stop();
}

std::string StatusServer::address() const { return absl::StrCat("127.0.0.1:", port()); }

void StatusServer::Write(const std::string& manifest) {
  const Value object = value::ParseYaml(manifest).value();
  const kube::Resource resource = discovery_->Resolve(ctx_, kube::GvkOf(object)).value();
  kube::WriteOptions options = {.field_manager = "test", .force = true};
  (void)client_->Apply(ctx_, resource, object, options).value();
  if (!object["status"].is_object()) return;
  options.subresource = "status";
  (void)client_->Apply(ctx_, resource, object, options).value();
}

Secret StatusServer::TokenOf(const std::string& ns, const std::string& name,
                             absl::Duration lifetime) {
  const kube::Resource accounts = {"", "v1", "serviceaccounts", "ServiceAccount", true};
  const Value account = client_->Get(ctx_, accounts, {ns, name}).value();
  devapi::Tokens::Claims claims;
  claims.ns = ns;
  claims.service_account = name;
  claims.uid = std::string(kube::Uid(account));
  claims.audiences = {"https://kubernetes.default.svc"};
  claims.issued_at = RealClock().Now() - absl::Hours(2);
  claims.expires_at = RealClock().Now() + lifetime;
  return Secret(api_->cluster().tokens().Issue(claims));
}

}  // namespace sluice::grpc_api
