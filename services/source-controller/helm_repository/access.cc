// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/helm_repository/access.h"

#include "absl/strings/str_cat.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/bucket/object_store.h"
#include "common/credentials/secret.h"
#include "common/http/client.h"
#include "common/http/redirect.h"
#include "common/http/wire.h"

namespace sluice::source_controller {
namespace {

constexpr int kMaxRedirects = 10;  // Go's
// Repositories that tell clients apart know Helm's.
constexpr char kUserAgent[] = "Helm/4.2.2";

}  // namespace

absl::StatusOr<HelmAccess> HelmAccess::Create(const Context& ctx, const Collaborators& with,
                                              const std::string& ns,
                                              const api::HelmRepositorySpec& spec) {
  kube::Client& client = with.client;
  const auto refuse = [](const absl::Status& error, absl::string_view prefix) {
    return api::WithReason(Annotate(error, prefix), "AuthenticationFailed");
  };
  http::ClientOptions options;
  if (!spec.cert_secret_name.empty()) {
    const kube::ObjectKey key = {ns, spec.cert_secret_name};
    const auto data =
        credentials::ReadSecret(ctx, client, key, "failed to get TLS authentication secret");
    if (!data.ok()) return api::WithReason(data.status(), "AuthenticationFailed");
    auto tls = credentials::TlsFromSecret(*data, key, /*required=*/true);
    if (!tls.ok()) return refuse(tls.status(), "failed to construct Helm client's TLS config");
    options.tls = *std::move(tls);
  }
  HelmAccess access;
  if (!spec.secret_name.empty()) {
    const kube::ObjectKey key = {ns, spec.secret_name};
    const auto data =
        credentials::ReadSecret(ctx, client, key, "failed to get authentication secret");
    if (!data.ok()) return api::WithReason(data.status(), "AuthenticationFailed");
    const auto basic = credentials::BasicAuthFromSecret(*data, key);
    if (!basic.ok()) return refuse(basic.status(), "failed to detect authentication methods");
    access.authorization_ = basic->password.empty() ? Secret() : basic->Header();
    if (spec.cert_secret_name.empty()) {
      // Deprecated but honoured; what is no whole pair is not looked at.
      auto tls = credentials::TlsFromSecret(*data, key, /*required=*/true);
      if (tls.ok()) options.tls = *std::move(tls);
    }
  }
  auto url = http::Url::Parse(spec.url);
  if (!url.ok()) return api::WithReason(url.status(), "URLInvalid");
  if (http::EffectivePort(*url) == 0 || url->host.empty()) {
    return api::WithReason(
        absl::InvalidArgumentError(absl::StrCat("failed to construct Helm client: scheme \"",
                                                url->scheme, "\" not supported")),
        "Failed");
  }
  access.repository_ = *std::move(url);
  access.pass_credentials_ = spec.pass_credentials;
  access.timeout_ = spec.timeout;
  options.idle_timeout = spec.timeout;
  options.connect_timeout = std::min(spec.timeout, absl::Seconds(30));
  options.max_redirects = kMaxRedirects;
  options.user_agent = kUserAgent;
  auto transport = with.transports.Get(options);
  if (!transport.ok()) {
    return refuse(transport.status(), "failed to construct Helm client's TLS config");
  }
  access.transport_ = *std::move(transport);
  return access;
}

absl::Status HelmAccess::Download(const Context& ctx, const std::string& url, int64_t limit,
                                  absl::string_view too_large, Write write) const {
  ASSIGN_OR_RETURN(const http::Url target, http::Url::Parse(url));
  http::Request request;
  request.url = url;
  if (!authorization_.empty() && (pass_credentials_ || http::SameOrigin(target, repository_))) {
    request.headers.Add("Authorization", authorization_.Reveal());
  }
  int64_t received = 0;
  bool written = true;
  const absl::Status status = transport_->Stream(
      ctx.WithTimeout(timeout_), request,
      [&](const http::Response& head) -> absl::Status {
        if (head.status == 200) return absl::OkStatus();
        const std::string message = absl::StrCat("failed to fetch ", target.Redacted(), " : ",
                                                 head.status, " ", http::StatusText(head.status));
        if (head.status == 404) return absl::NotFoundError(message);
        if (head.status == 401) return absl::UnauthenticatedError(message);
        return absl::UnavailableError(message);
      },
      [&](absl::string_view bytes) -> absl::Status {
        received += static_cast<int64_t>(bytes.size());
        if (received > limit) return absl::ResourceExhaustedError(too_large);
        const absl::Status result = write(bytes);
        written = result.ok();
        return result;
      });
  // Queries may hold tokens.
  return written ? WithMessage(status, bucket::WithoutQueries(status.message())) : status;
}

std::string RedactedUrl(absl::string_view url) {
  auto parts = http::Url::Parse(url);
  if (!parts.ok()) return bucket::WithoutQueries(url);
  parts->query.clear();
  return parts->Redacted();
}

}  // namespace sluice::source_controller
