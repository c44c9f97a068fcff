// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/undeclared.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/value/json.h"

namespace sluice::ssa {
namespace {

constexpr absl::string_view kRefusal = ": field not declared in schema";

// The end of the bracket that `path` begins with; npos if it has none. Strings may hold brackets.
size_t ClosingBracket(absl::string_view path) {
  bool quoted = false;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '\\' && quoted) {
      ++i;
    } else if (path[i] == '"') {
      quoted = !quoted;
    } else if (path[i] == ']' && !quoted) {
      return i;
    }
  }
  return absl::string_view::npos;
}

// Whether `item` has the keys `name="a",port=80`. Values hold no commas but in strings, where a
// part that is no JSON makes the answer false.
bool HasKeys(const Value& item, absl::string_view keys) {
  for (const absl::string_view part : absl::StrSplit(keys, ',')) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    const auto expected = value::ParseJson(pair.second);
    if (!expected.ok()) return false;
    // A key that the manifest leaves out has the schema's default, which any value may be.
    if (item.Has(pair.first) && item[pair.first] != *expected) return false;
  }
  return true;
}

// Erases what `path` (".spec.containers[name=\"a\"].x") leads to.
bool Erase(Value& at, absl::string_view path) {
  if (absl::ConsumePrefix(&path, ".")) {
    if (at.Erase(path)) return true;
    // Names may hold dots: the longest member that the path begins with.
    Value* next = nullptr;
    size_t taken = 0;
    if (!at.is_object()) return false;
    for (value::Member& member : at.mutable_members()) {
      const bool fits = absl::StartsWith(path, member.key) && member.key.size() >= taken &&
                        member.key.size() < path.size() &&
                        (path[member.key.size()] == '.' || path[member.key.size()] == '[');
      if (!fits) continue;
      next = &member.value;
      taken = member.key.size();
    }
    return next != nullptr && Erase(*next, path.substr(taken));
  }
  if (!absl::StartsWith(path, "[") || !at.is_array()) return false;
  const size_t end = ClosingBracket(path);
  if (end == absl::string_view::npos) return false;
  const absl::string_view keys = path.substr(1, end - 1);
  for (Value& item : at.mutable_items()) {
    if (HasKeys(item, keys) && Erase(item, path.substr(end + 1))) return true;
  }
  return false;
}

}  // namespace

bool DropsUndeclared(const kube::GroupVersionKind& gvk) {
  static constexpr absl::string_view kGroups[] = {"",
                                                  "admissionregistration.k8s.io",
                                                  "apps",
                                                  "authentication.k8s.io",
                                                  "authorization.k8s.io",
                                                  "autoscaling",
                                                  "batch",
                                                  "certificates.k8s.io",
                                                  "coordination.k8s.io",
                                                  "discovery.k8s.io",
                                                  "events.k8s.io",
                                                  "extensions",
                                                  "flowcontrol.apiserver.k8s.io",
                                                  "networking.k8s.io",
                                                  "node.k8s.io",
                                                  "policy",
                                                  "rbac.authorization.k8s.io",
                                                  "resource.k8s.io",
                                                  "scheduling.k8s.io",
                                                  "storage.k8s.io"};
  if (gvk.group == "rbac.authorization.k8s.io" &&
      (gvk.kind == "Role" || gvk.kind == "ClusterRole")) {
    return false;
  }
  return std::find(std::begin(kGroups), std::end(kGroups), gvk.group) != std::end(kGroups);
}

std::optional<std::string> DropUndeclared(const absl::Status& error, Value& object) {
  for (const absl::string_view line : absl::StrSplit(error.message(), '\n')) {
    absl::string_view path = line;
    if (!absl::ConsumeSuffix(&path, kRefusal)) continue;
    // "failed to create typed patch object (…; apps/v1, Kind=Deployment): .spec.replica"
    const size_t start = path.find(": .");
    if (start != absl::string_view::npos) {
      path.remove_prefix(start + 2);
    } else {
      path = absl::StripLeadingAsciiWhitespace(path);
    }
    if (absl::StartsWith(path, ".") && Erase(object, path)) return std::string(path);
  }
  return std::nullopt;
}

}  // namespace sluice::ssa
