// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/ownership/last_applied.h"

#include <string>

#include "absl/status/statusor.h"
#include "common/devapi/ownership/typed_schema.h"
#include "common/devapi/ownership/typed_value.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr char kLastApplied[] = "kubectl.kubernetes.io/last-applied-configuration";
constexpr size_t kMaxAnnotationBytes = 256 * 1024;

}  // namespace

bool HasLastApplied(const Value& object) {
  return !object["metadata"]["annotations"][kLastApplied].str().empty();
}

void SetLastApplied(const Value& patch, Value& object) {
  Value config = patch;
  if (Value* metadata = config.FindMutable("metadata"); metadata != nullptr) {
    if (Value* annotations = metadata->FindMutable("annotations"); annotations != nullptr) {
      annotations->Erase(kLastApplied);
    }
  }
  const std::string text = value::FormatJson(config) + "\n";
  Value& annotations = object.Ensure("metadata").Ensure("annotations");
  size_t bytes = text.size() + sizeof(kLastApplied) - 1;
  for (const value::Member& member : annotations.members()) {
    if (member.key != kLastApplied) bytes += member.key.size() + member.value.str().size();
  }
  if (bytes > kMaxAnnotationBytes) {
    annotations.Erase(kLastApplied);
  } else {
    annotations.Set(kLastApplied, text);
  }
}

FieldSet UnchangedSinceLastApplied(const Schema& schema, absl::string_view api_version,
                                   const Value& live) {
  const absl::string_view text = live["metadata"]["annotations"][kLastApplied].str();
  const absl::StatusOr<Value> last = value::ParseJson(text);
  if (text.empty() || !last.ok() || (*last)["apiVersion"].str() != api_version ||
      !CheckTyped(schema, *last, false).ok() || !CheckTyped(schema, live, false).ok()) {
    return FieldSet();
  }
  const absl::StatusOr<Comparison> change = CompareTyped(schema, *last, live);
  if (!change.ok()) return FieldSet();
  return FieldsOf(schema, *last)
      .Difference(change->modified)
      .Difference(change->added)
      .Difference(change->removed);
}

}  // namespace sluice::devapi
