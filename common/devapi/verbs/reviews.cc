// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/verbs/reviews.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/devapi/access/rbac.h"
#include "common/devapi/requests/api_error.h"
#include "common/devapi/verbs/body.h"

namespace sluice::devapi {
namespace {

constexpr char kAudience[] = "https://kubernetes.default.svc";

absl::StatusOr<Value> ParseReview(const Cluster& cluster, const Call& call,
                                  absl::string_view kind) {
  ASSIGN_OR_RETURN(Value review, ParseBody(cluster, call, kind));
  const std::string given(review["kind"].str());
  if (!given.empty() && given != kind) {
    return BadRequest(absl::StrCat(given, " cannot be handled as a ", kind));
  }
  review.Ensure("metadata");
  return review;
}

std::vector<std::string> Strings(const Value& list) {
  std::vector<std::string> result;
  for (const Value& item : list.items()) result.emplace_back(item.str());
  return result;
}

Value UserValue(const UserInfo& user) {
  Value groups = Value::EmptyArray();
  for (const std::string& group : user.groups) groups.Append(group);
  Value value = {{"username", user.name}, {"groups", std::move(groups)}};
  if (!user.uid.empty()) value.Set("uid", user.uid);
  Value extra = Value::EmptyObject();
  for (const auto& [key, texts] : user.extra) {
    Value list = Value::EmptyArray();
    for (const std::string& text : texts) list.Append(text);
    extra.Set(key, std::move(list));
  }
  if (!extra.empty()) value.Set("extra", std::move(extra));
  return value;
}

Attributes AttributesOf(const Value& spec) {
  Attributes attributes;
  const Value& resource = spec["resourceAttributes"];
  if (resource.is_object()) {
    attributes.verb = std::string(resource["verb"].str());
    attributes.group = std::string(resource["group"].str());
    attributes.version = std::string(resource["version"].str());
    attributes.resource = std::string(resource["resource"].str());
    attributes.subresource = std::string(resource["subresource"].str());
    attributes.ns = std::string(resource["namespace"].str());
    attributes.name = std::string(resource["name"].str());
  } else {
    attributes.is_resource = false;
    attributes.verb = std::string(spec["nonResourceAttributes"]["verb"].str());
    attributes.path = std::string(spec["nonResourceAttributes"]["path"].str());
  }
  return attributes;
}

absl::StatusOr<Value> ReviewAccess(Cluster& cluster, const Call& call, Value review) {
  const Value& spec = review["spec"];
  const bool has_resource = spec["resourceAttributes"].is_object();
  const bool has_path = spec["nonResourceAttributes"].is_object();
  if (has_resource == has_path) {
    return Invalid(call.resource->group, call.resource->kind, "",
                   {FieldError{"FieldValueInvalid", "spec.resourceAttributes",
                               "Invalid value: null: exactly one of nonResourceAttributes or "
                               "resourceAttributes must be specified"}});
  }
  UserInfo user = call.user;
  if (call.resource->plural != "selfsubjectaccessreviews") {
    user = {std::string(spec["user"].str()),
            std::string(spec["uid"].str()),
            Strings(spec["groups"]),
            {}};
    if (user.name.empty() && user.groups.empty()) {
      return Invalid(call.resource->group, call.resource->kind, "",
                     {FieldError{"FieldValueInvalid", "spec.user",
                                 "Invalid value: \"\": at least one of user or group must be "
                                 "specified"}});
    }
  }
  const Decision decision = Authorize(cluster, user, AttributesOf(spec));
  Value status = {{"allowed", decision.allowed}};
  if (!decision.reason.empty()) status.Set("reason", decision.reason);
  review.Set("status", std::move(status));
  return review;
}

Value ReviewToken(Cluster& cluster, Value review) {
  const absl::StatusOr<UserInfo> user =
      cluster.tokens().Authenticate(review["spec"]["token"].str(), cluster.clock().Now());
  Value status = Value::EmptyObject();
  if (user.ok()) {
    status = Value{{"authenticated", true},
                   {"user", UserValue(*user)},
                   {"audiences", Value(Value::Array{kAudience})}};
  } else {
    status =
        Value{{"user", Value::EmptyObject()},
              {"error", absl::StrCat("[invalid bearer token, ", user.status().message(), "]")}};
  }
  review.Set("status", std::move(status));
  return review;
}

}  // namespace

bool IsReview(const Resource& resource) {
  return resource.group == "authorization.k8s.io" || resource.group == "authentication.k8s.io";
}

absl::StatusOr<Reply> CreateReview(Cluster& cluster, Call& call) {
  const std::string& plural = call.resource->plural;
  ASSIGN_OR_RETURN(Value review, ParseReview(cluster, call, call.resource->kind));
  if (plural == "tokenreviews") {
    review = ReviewToken(cluster, std::move(review));
  } else if (plural == "selfsubjectreviews") {
    review.Set("status", Value{{"userInfo", UserValue(call.user)}});
    review.Ensure("metadata").Set("creationTimestamp", cluster.Timestamp());
  } else if (plural == "selfsubjectrulesreviews") {
    const std::string ns(review["spec"]["namespace"].str());
    if (ns.empty()) return BadRequest("no namespace on request");
    review.Set("status", RulesFor(cluster, call.user, ns));
  } else {
    ASSIGN_OR_RETURN(review, ReviewAccess(cluster, call, std::move(review)));
  }
  review.Set("apiVersion", call.resource->api_version());
  review.Set("kind", call.resource->kind);
  return Reply{201, std::move(review)};
}

absl::StatusOr<Reply> CreateToken(Cluster& cluster, Call& call) {
  const ObjectRef account = cluster.store().Find("serviceaccounts", call.key());
  if (account == nullptr) return NotFound(call.group_resource(), call.info.name);
  ASSIGN_OR_RETURN(Value request, ParseReview(cluster, call, "TokenRequest"));
  constexpr int64_t kShortest = 600;
  constexpr int64_t kLongest = int64_t{1} << 32;
  const int64_t seconds = request["spec"]["expirationSeconds"].int_or(3600);
  if (seconds < kShortest || seconds > kLongest) {
    return Invalid("authentication.k8s.io", "TokenRequest", "",
                   {FieldError{"FieldValueInvalid", "spec.expirationSeconds",
                               seconds < kShortest
                                   ? absl::StrCat("Invalid value: ", seconds,
                                                  ": may not specify a duration less than 10 "
                                                  "minutes")
                                   : absl::StrCat("Invalid value: ", seconds,
                                                  ": may not specify a duration larger than 2^32 "
                                                  "seconds")}});
  }
  Tokens::Claims claims;
  claims.ns = call.info.ns;
  claims.service_account = call.info.name;
  claims.uid = std::string(account->uid());
  claims.audiences = Strings(request["spec"]["audiences"]);
  if (claims.audiences.empty()) claims.audiences = {kAudience};
  claims.issued_at = cluster.clock().Now();
  claims.expires_at = claims.issued_at + absl::Seconds(seconds);
  const Value& bound = request["spec"]["boundObjectRef"];
  claims.bound_kind = std::string(bound["kind"].str());
  claims.bound_name = std::string(bound["name"].str());
  claims.bound_uid = std::string(bound["uid"].str());
  Value audiences = Value::EmptyArray();
  for (const std::string& audience : claims.audiences) audiences.Append(audience);
  Value spec = {{"audiences", std::move(audiences)},
                {"expirationSeconds", seconds},
                {"boundObjectRef", bound}};
  const Value answer = {
      {"kind", "TokenRequest"},
      {"apiVersion", "authentication.k8s.io/v1"},
      {"metadata", Value{{"name", call.info.name},
                         {"namespace", call.info.ns},
                         {"uid", claims.uid},
                         {"creationTimestamp", cluster.Timestamp()}}},
      {"spec", std::move(spec)},
      {"status", Value{{"token", cluster.tokens().Issue(claims)},
                       {"expirationTimestamp", FormatRfc3339(claims.expires_at)}}}};
  return Reply{201, answer};
}

}  // namespace sluice::devapi
