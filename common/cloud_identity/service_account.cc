// SPDX-License-Identifier: Apache-2.0
#include "common/cloud_identity/service_account.h"

#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/value/json.h"

namespace sluice::cloud_identity {
namespace {

constexpr int kTokenSeconds = 600;  // the least that API servers grant

const kube::Resource& Accounts() {
  static const auto* const kAccounts =
      new kube::Resource{"", "v1", "serviceaccounts", "ServiceAccount", true};
  return *kAccounts;
}

std::string Quoted(const kube::ObjectKey& key) {
  return absl::StrCat("'", key.ns, "/", key.name, "'");
}

// The status of a TokenRequest; it has a token.
absl::StatusOr<Value> Request(const Context& ctx, kube::Client& client,
                              const kube::ObjectKey& account, Value spec) {
  kube::ApiRequest request;
  request.method = "POST";
  request.path = absl::StrCat(Accounts().Path(account.ns, account.name), "/token");
  request.content_type = "application/json";
  request.body = {{"apiVersion", "authentication.k8s.io/v1"},
                  {"kind", "TokenRequest"},
                  {"spec", std::move(spec)}};
  const std::string failure =
      absl::StrCat("failed to create a token of service account ", Quoted(account));
  const auto answer = client.Do(ctx, request);
  if (!answer.ok()) return Annotate(answer.status(), failure);
  if ((*answer)["status"]["token"].str().empty()) {
    return absl::UnavailableError(absl::StrCat(failure, ": there is none"));
  }
  return (*answer)["status"];
}

}  // namespace

absl::StatusOr<Value> ReadAccount(const Context& ctx, kube::Client& client,
                                  const kube::ObjectKey& account) {
  auto object = client.Get(ctx, Accounts(), account);
  if (object.ok()) return object;
  return Annotate(object.status(), absl::StrCat("failed to get service account ", Quoted(account)));
}

absl::StatusOr<std::string> AccountKey(const Context& ctx, kube::Client& client,
                                       const kube::ObjectKey& account) {
  ASSIGN_OR_RETURN(const Value object, ReadAccount(ctx, client, account));
  return absl::StrCat(kube::Uid(object), "\n",
                      value::FormatJson(object["metadata"]["annotations"]));
}

absl::StatusOr<std::string> RequiredAnnotation(const Context& ctx, kube::Client& client,
                                               const kube::ObjectKey& account,
                                               absl::string_view name) {
  ASSIGN_OR_RETURN(const Value object, ReadAccount(ctx, client, account));
  std::string value(kube::Annotation(object, name));
  if (value.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("service account ", Quoted(account), " has no annotation '", name, "'"));
  }
  return value;
}

absl::StatusOr<Secret> RequestToken(const Context& ctx, kube::Client& client,
                                    const kube::ObjectKey& account, absl::string_view audience) {
  ASSIGN_OR_RETURN(const Value status, Request(ctx, client, account,
                                               {{"audiences", Value(Value::Array{Value(audience)})},
                                                {"expirationSeconds", kTokenSeconds}}));
  return Secret(std::string(status["token"].str()));
}

absl::StatusOr<Credentials> RequestCredentials(const Context& ctx, kube::Client& client,
                                               const kube::ObjectKey& account,
                                               const std::vector<std::string>& audiences) {
  Value spec = Value::EmptyObject();
  for (const std::string& audience : audiences) spec.Ensure("audiences").Append(audience);
  ASSIGN_OR_RETURN(const Value status, Request(ctx, client, account, std::move(spec)));
  Credentials credentials;
  credentials.secret = Secret(std::string(status["token"].str()));
  ASSIGN_OR_RETURN(credentials.expires, ParseRfc3339(status["expirationTimestamp"].str()));
  return credentials;
}

}  // namespace sluice::cloud_identity
