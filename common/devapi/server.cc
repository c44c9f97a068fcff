// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/server.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/crypto/x509.h"
#include "common/devapi/bootstrap.h"
#include "common/devapi/controllers/control_loop.h"
#include "common/devapi/controllers/crd_controller.h"
#include "common/devapi/controllers/event_expiry.h"
#include "common/devapi/controllers/garbage.h"
#include "common/devapi/controllers/namespaces.h"
#include "common/devapi/requests/router.h"
#include "common/devapi/storage/snapshot.h"
#include "common/devapi/workloads/node.h"
#include "common/devapi/workloads/simulator.h"
#include "common/http/server.h"
#include "common/value/yaml.h"

namespace sluice::devapi {
namespace {

constexpr absl::Duration kCertificateLife = absl::Hours(24 * 365);

class Impl : public DevApiServer {
 public:
  Impl(Clock& clock, ClusterOptions options)
      : clock_(clock), cluster_(clock, std::move(options)), router_(cluster_) {}

  ~Impl() override {
    // Handlers first, then what they work on.
    http_.reset();
    loop_.reset();
  }

  absl::Status Init(DevApiServerOptions options) {
    const absl::Time now = clock_.Now();
    ASSIGN_OR_RETURN(authority_,
                     crypto::CreateAuthority("sluice-dev-apiserver", now - absl::Hours(1),
                                             now + kCertificateLife));
    access_.ca_pem = authority_.certificate_pem;
    access_.token = Secret(crypto::RandomHex(24));
    cluster_.tokens().AddStatic(access_.token, {"kubernetes-admin", "", {kMastersGroup}, {}});
    if (options.controllers) StartControllers(options);
    RETURN_IF_ERROR(Bootstrap(cluster_));
    if (options.controllers && options.workloads.enabled) RETURN_IF_ERROR(CreateNode(cluster_));
    for (const Value& object : options.objects) RETURN_IF_ERROR(Seed(cluster_, object));
    RETURN_IF_ERROR(RestoreSnapshot(cluster_, std::move(options.snapshot)));
    return Listen(options.address);
  }

  const Access& access() const override { return access_; }
  Cluster& cluster() override { return cluster_; }

  std::string Kubeconfig() const override {
    const Value cluster = {{"server", access_.url},
                           {"certificate-authority-data", absl::Base64Escape(access_.ca_pem)}};
    const Value user = {{"token", access_.token.Reveal()}};
    const auto named = [](const char* field, Value value) {
      return Value(Value::Array{Value{{"name", "sluice-dev"}, {field, std::move(value)}}});
    };
    return value::FormatYaml(Value{
        {"apiVersion", "v1"},
        {"kind", "Config"},
        {"current-context", "sluice-dev"},
        {"clusters", named("cluster", cluster)},
        {"users", named("user", user)},
        {"contexts", named("context", Value{{"cluster", "sluice-dev"}, {"user", "sluice-dev"}})}});
  }

  absl::StatusOr<std::pair<std::string, Secret>> ClientCertificate(
      const std::string& user, const std::vector<std::string>& groups) override {
    crypto::CertificateRequest request;
    request.common_name = user;
    request.organizations = groups;
    request.client = true;
    request.not_before = clock_.Now() - absl::Hours(1);
    request.not_after = clock_.Now() + kCertificateLife;
    ASSIGN_OR_RETURN(crypto::KeyPair pair, crypto::IssueCertificate(authority_, request));
    return std::make_pair(std::move(pair.certificate_pem), std::move(pair.private_key_pem));
  }

  absl::Status Settle(const Context& ctx) override {
    return loop_ == nullptr ? absl::OkStatus() : loop_->Settle(ctx);
  }

 private:
  void StartControllers(const DevApiServerOptions& options) {
    std::vector<std::unique_ptr<Controller>> controllers;
    controllers.push_back(CrdController(cluster_));
    controllers.push_back(GarbageCollector(cluster_));
    controllers.push_back(NamespaceController(cluster_, access_.ca_pem));
    controllers.push_back(EventExpiry(cluster_));
    if (options.workloads.enabled) {
      controllers.push_back(WorkloadSimulator(cluster_, options.workloads));
    }
    loop_ = std::make_unique<ControlLoop>(cluster_, std::move(controllers));
  }

  absl::Status Listen(const std::string& address) {
    crypto::CertificateRequest request;
    request.common_name = "sluice-dev-apiserver";
    request.dns_names = {"localhost", "dev-apiserver", "kubernetes", "kubernetes.default",
                         "kubernetes.default.svc"};
    const std::string host = address.substr(0, address.rfind(':'));
    request.ip_addresses = {"127.0.0.1", "::1"};
    request.server = true;
    request.not_before = clock_.Now() - absl::Hours(1);
    request.not_after = clock_.Now() + kCertificateLife;
    ASSIGN_OR_RETURN(const crypto::KeyPair pair, crypto::IssueCertificate(authority_, request));
    http::ServerOptions options;
    options.address = address;
    options.certificate_pem = pair.certificate_pem;
    options.private_key_pem = pair.private_key_pem;
    options.client_ca_pem = authority_.certificate_pem;
    options.max_body = size_t{3} << 20;  // as kube-apiserver
    ASSIGN_OR_RETURN(
        http_, http::Server::Start(std::move(options),
                                   [this](const Context& ctx, const http::ServerRequest& sent) {
                                     return router_.Handle(ctx, sent);
                                   }));
    const bool everywhere = host.empty() || host == "0.0.0.0" || host == "[::]";
    access_.url = absl::StrCat("https://", everywhere ? "127.0.0.1" : host, ":", http_->port());
    return absl::OkStatus();
  }

  Clock& clock_;
  Cluster cluster_;
  Router router_;
  crypto::KeyPair authority_;
  Access access_;
  std::unique_ptr<ControlLoop> loop_;
  std::unique_ptr<http::Server> http_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<DevApiServer>> DevApiServer::Start(DevApiServerOptions options,
                                                                  Clock& clock) {
  auto server = std::make_unique<Impl>(clock, options.cluster);
  RETURN_IF_ERROR(server->Init(std::move(options)));
  return server;
}

}  // namespace sluice::devapi
