// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/audit.h"

#include "common/base/duration.h"

namespace sluice::devapi {
namespace {

constexpr size_t kMaxAgents = 1000;

Value UserValue(const UserInfo& user) {
  Value groups = Value::EmptyArray();
  for (const std::string& group : user.groups) groups.Append(group);
  return Value{{"username", user.name}, {"groups", std::move(groups)}};
}

Value CountsOf(const std::map<std::string, int64_t>& counts) {
  Value result = Value::EmptyObject();
  for (const auto& [name, count] : counts) result.Set(name, count);
  return result;
}

Value EntryValue(const AuditEntry& entry) {
  Value result = {{"verb", entry.what.verb},
                  {"requestURI", entry.what.path},
                  {"userAgent", entry.user_agent},
                  {"dryRun", entry.dry_run},
                  {"requestReceivedTimestamp", FormatRfc3339Nano(entry.at)},
                  {"responseStatus", Value{{"code", entry.code}}}};
  if (entry.who.impersonating) {
    result.Set("user", UserValue(entry.who.original));
    result.Set("impersonatedUser", UserValue(entry.who.user));
  } else {
    result.Set("user", UserValue(entry.who.user));
  }
  if (entry.what.is_resource) {
    result.Set("objectRef", Value{{"apiGroup", entry.what.group},
                                  {"apiVersion", entry.what.version},
                                  {"resource", entry.what.resource},
                                  {"subresource", entry.what.subresource},
                                  {"namespace", entry.what.ns},
                                  {"name", entry.what.name}});
  }
  return result;
}

}  // namespace

void AuditLog::Add(AuditEntry entry) {
  absl::MutexLock lock(&mutex_);
  ++total_;
  ++verbs_[entry.what.verb];
  const std::string agent = entry.user_agent.substr(0, entry.user_agent.find('/'));
  if (agents_.size() < kMaxAgents || agents_.contains(agent)) ++agents_[agent];
  entries_.push_back(std::move(entry));
  if (entries_.size() > capacity_) entries_.pop_front();
}

void AuditLog::Clear() {
  absl::MutexLock lock(&mutex_);
  entries_.clear();
  total_ = 0;
  verbs_.clear();
  agents_.clear();
}

Value AuditLog::Entries() const {
  absl::MutexLock lock(&mutex_);
  Value list = Value::EmptyArray();
  for (const AuditEntry& entry : entries_) list.Append(EntryValue(entry));
  return list;
}

Value AuditLog::Counts() const {
  absl::MutexLock lock(&mutex_);
  return Value{{"total", total_}, {"verbs", CountsOf(verbs_)}, {"agents", CountsOf(agents_)}};
}

}  // namespace sluice::devapi
