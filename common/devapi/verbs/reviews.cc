// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/verbs/reviews.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/devapi/access/rbac.h"
#include "common/devapi/requests/api_error.h"
#include "common/devapi/verbs/body.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr char kAudience[] = "https://kubernetes.default.svc";

absl::StatusOr<Value> ParseReview(const Cluster& cluster, const Call& call,
                                  absl::string_view kind) {
  ASSIGN_OR_RETURN(Value review, ParseBody(cluster, call, kind));
  const std::string given(review["kind"].str());
  if (!given.empty() && given != kind) {
    const auto [group, version] = SplitApiVersion(review["apiVersion"].str());
    return BadRequest(absl::StrCat(given, " in version \"", version, "\" cannot be handled as a ",
                                   kind, ": no kind \"", given, "\" is registered for version \"",
                                   review["apiVersion"].str(),
                                   "\" in scheme \"pkg/runtime/scheme.go:110\""));
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

// Attributes of a path, as the API's internal type prints them.
PrintedValue PrintPath(const Value& attributes) {
  return {absl::StrCat("{\"Path\":", value::FormatJson(attributes["path"].str()),
                       ",\"Verb\":", value::FormatJson(attributes["verb"].str()), "}")};
}

FieldErrors CheckReview(const Call& call, const Value& review) {
  FieldErrors errors;
  const FieldPath root;
  const FieldPath path = root.Child("spec");
  const FieldPath resource = path.Child("resourceAttributes");
  const FieldPath other = path.Child("nonResourceAttributes");
  const Value& spec = review["spec"];
  const bool has_resource = spec["resourceAttributes"].is_object();
  const bool has_path = spec["nonResourceAttributes"].is_object();
  if (has_resource && has_path) {
    errors.push_back(InvalidValue(other, PrintPath(spec["nonResourceAttributes"]),
                                  "cannot be specified in combination with resourceAttributes"));
  } else if (!has_resource && !has_path) {
    errors.push_back(InvalidValue(
        resource, Value(),
        "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
  }
  if (call.resource->plural == "selfsubjectaccessreviews") return errors;
  if (spec["user"].str().empty() && spec["groups"].empty()) {
    errors.push_back(
        InvalidValue(path.Child("user"), "", "at least one of user or group must be specified"));
  }
  if (!call.resource->namespaced) return errors;
  if (has_resource && spec["resourceAttributes"]["namespace"].str() != call.info.ns) {
    errors.push_back(InvalidValue(resource.Child("namespace"),
                                  spec["resourceAttributes"]["namespace"].str(),
                                  "must match metadata.namespace"));
  }
  if (has_path) {
    errors.push_back(InvalidValue(other, PrintPath(spec["nonResourceAttributes"]),
                                  "disallowed on this kind of request"));
  }
  return errors;
}

absl::StatusOr<Value> ReviewAccess(Cluster& cluster, const Call& call, Value review) {
  const FieldErrors errors = CheckReview(call, review);
  // The reference forgets to name the kind.
  if (!errors.empty()) return Invalid(call.resource->group, "", "", errors);
  const Value& spec = review["spec"];
  UserInfo user = call.user;
  if (call.resource->plural != "selfsubjectaccessreviews") {
    user = {std::string(spec["user"].str()),
            std::string(spec["uid"].str()),
            Strings(spec["groups"]),
            {}};
  }
  if (call.resource->namespaced) review.Ensure("metadata").Set("namespace", call.info.ns);
  const Decision decision = Authorize(cluster, user, AttributesOf(spec));
  Value status = {{"allowed", decision.allowed}};
  if (!decision.reason.empty()) status.Set("reason", decision.reason);
  review.Set("status", std::move(status));
  return review;
}

absl::StatusOr<Value> ReviewToken(Cluster& cluster, Value review) {
  if (review["spec"]["token"].str().empty()) {
    return BadRequest("token is required for TokenReview in authentication");
  }
  const absl::StatusOr<UserInfo> user =
      cluster.tokens().Authenticate(review["spec"]["token"].str(), cluster.clock().Now());
  const std::vector<std::string> audiences = Strings(review["spec"]["audiences"]);
  const bool meant = audiences.empty() ||
                     std::find(audiences.begin(), audiences.end(), kAudience) != audiences.end();
  Value status = Value::EmptyObject();
  if (user.ok() && !meant) {
    status = Value{{"user", Value::EmptyObject()},
                   {"error", "[invalid bearer token, token audiences are not those asked for]"}};
  } else if (user.ok()) {
    status = Value{{"authenticated", true},
                   {"user", UserValue(*user)},
                   {"audiences", Value(Value::Array{kAudience})}};
  } else {
    status = Value{{"user", Value::EmptyObject()}, {"error", user.status().message()}};
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
    ASSIGN_OR_RETURN(review, ReviewToken(cluster, std::move(review)));
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
  if (bound["kind"].str() == "Pod" || bound["kind"].str() == "Secret") {
    const std::string storage = bound["kind"].str() == "Pod" ? "pods" : "secrets";
    const std::string name(bound["name"].str());
    if (cluster.store().Find(storage, {call.info.ns, name}) == nullptr) {
      return NotFound({"", storage}, name);
    }
  }
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
