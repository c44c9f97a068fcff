// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/faults.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/devapi/requests/api_error.h"

namespace sluice::devapi {
namespace {

constexpr size_t kMaxRules = 1000;

absl::Status ErrorFor(int status, const std::string& message, int retry_after,
                      const Attributes& attributes) {
  const GroupResource resource = {attributes.group, attributes.resource};
  const std::string text = message.empty() ? "fault injected by a test" : message;
  switch (status) {
    case 0:
      return absl::OkStatus();
    case 403:
      return Forbidden(resource, attributes.name, text);
    case 404:
      return NotFound(resource, attributes.name);
    case 409:
      return message.empty() ? Modified(resource, attributes.name)
                             : Conflict(resource, attributes.name, text);
    case 422:
      return Invalid(attributes.group, attributes.resource, attributes.name,
                     {FieldError{"FieldValueInvalid", "spec", text}});
    case 429:
      return TooManyRequests(
          message.empty() ? "the server has received too many requests and has asked us to try "
                            "again later"
                          : text,
          retry_after);
    case 500:
      return ServerError(text);
    case 503:
      return ApiError(503, "ServiceUnavailable", text);
    case 504:
      return ApiError(504, "Timeout", text);
    default:
      return ApiError(status, "", text);
  }
}

bool Matches(const Value& match, const Attributes& attributes, absl::string_view user) {
  const auto same = [&](const char* field, absl::string_view have) {
    const Value* wanted = match.Find(field);
    return wanted == nullptr || wanted->str() == have;
  };
  return same("verb", attributes.verb) && same("group", attributes.group) &&
         same("resource", attributes.resource) && same("subresource", attributes.subresource) &&
         same("namespace", attributes.ns) && same("name", attributes.name) && same("user", user) &&
         same("path", attributes.path);
}

}  // namespace

absl::StatusOr<int64_t> Faults::Add(const Value& rule) {
  if (!rule.is_object()) return absl::InvalidArgumentError("a fault is a JSON object");
  Rule added;
  added.source = rule;
  added.match = rule["match"];
  added.status = static_cast<int>(rule["status"].int_or(0));
  if (added.status != 0 && (added.status < 400 || added.status > 599)) {
    return absl::InvalidArgumentError("status: must be an HTTP error, 400 to 599");
  }
  added.message = std::string(rule["message"].str());
  added.retry_after = static_cast<int>(rule["retryAfterSeconds"].int_or(0));
  if (rule["latency"].is_string()) {
    ASSIGN_OR_RETURN(added.latency, ParseGoDuration(rule["latency"].str()));
  }
  if (added.status == 0 && added.latency == absl::ZeroDuration()) {
    return absl::InvalidArgumentError("a fault needs a status or a latency");
  }
  added.left = rule["count"].int_or(-1);
  absl::MutexLock lock(&mutex_);
  if (rules_.size() >= kMaxRules) return absl::InvalidArgumentError("too many faults");
  added.id = next_id_++;
  rules_.push_back(std::move(added));
  return rules_.back().id;
}

void Faults::Remove(int64_t id) {
  absl::MutexLock lock(&mutex_);
  std::erase_if(rules_, [&](const Rule& rule) { return rule.id == id; });
}

void Faults::Clear() {
  absl::MutexLock lock(&mutex_);
  rules_.clear();
}

Fault Faults::Next(const Attributes& attributes, absl::string_view user) {
  absl::MutexLock lock(&mutex_);
  for (Rule& rule : rules_) {
    if (rule.left == 0 || !Matches(rule.match, attributes, user)) continue;
    if (rule.left > 0) --rule.left;
    ++rule.hits;
    return {rule.latency, ErrorFor(rule.status, rule.message, rule.retry_after, attributes)};
  }
  return {};
}

Value Faults::List() const {
  absl::MutexLock lock(&mutex_);
  Value list = Value::EmptyArray();
  for (const Rule& rule : rules_) {
    Value entry = rule.source;
    entry.Set("id", rule.id);
    entry.Set("hits", rule.hits);
    entry.Set("left", rule.left);
    list.Append(std::move(entry));
  }
  return list;
}

}  // namespace sluice::devapi
