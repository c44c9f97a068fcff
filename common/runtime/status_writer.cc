// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/status_writer.h"

#include <algorithm>

#include "common/api/meta/condition.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/value/merge_patch.h"

namespace sluice::runtime {
namespace {

constexpr int kAttempts = 5;
constexpr absl::Duration kBetweenAttempts = absl::Milliseconds(100);

// `ours` with the conditions of `live` that nobody here owns.
Value MergeForeignConditions(const Value& ours, const Value& live,
                             std::span<const absl::string_view> owned) {
  Value merged = Value::EmptyArray();
  const auto is_owned = [&](const Value& condition) {
    return std::find(owned.begin(), owned.end(), condition["type"].str()) != owned.end();
  };
  for (const Value& condition : ours.items()) {
    if (is_owned(condition)) merged.Append(condition);
  }
  for (const Value& condition : live.items()) {
    if (!is_owned(condition)) merged.Append(condition);
  }
  return merged;
}

}  // namespace

StatusWriter::StatusWriter(kube::Client& client, const kube::Resource& resource,
                           const Value& object, std::string field_manager,
                           std::span<const absl::string_view> owned)
    : client_(client),
      resource_(resource),
      field_manager_(std::move(field_manager)),
      owned_(owned),
      key_(kube::KeyOf(object)),
      resource_version_(kube::ResourceVersion(object)),
      written_(object["status"]) {}

absl::Status StatusWriter::Patch(const Context& ctx, Value status) {
  for (int attempt = 1;; ++attempt) {
    Value difference = value::CreateMergePatch(written_, status);
    if (difference.is_object() && difference.empty()) return absl::OkStatus();
    const Value patch = {{"metadata", {{"resourceVersion", resource_version_}}},
                         {"status", std::move(difference)}};
    auto patched = client_.Patch(ctx, resource_, key_, kube::PatchType::kMerge, patch,
                                 {.field_manager = field_manager_, .subresource = "status"});
    if (patched.ok()) {
      resource_version_ = std::string(kube::ResourceVersion(*patched));
      written_ = (*patched)["status"];
      return absl::OkStatus();
    }
    if (absl::IsNotFound(patched.status())) return absl::OkStatus();
    if (!absl::IsAborted(patched.status()) || attempt == kAttempts) return patched.status();
    RETURN_IF_ERROR(RealClock().Sleep(ctx, attempt == 1 ? absl::ZeroDuration() : kBetweenAttempts));
    auto live = client_.Get(ctx, resource_, key_);
    if (absl::IsNotFound(live.status())) return absl::OkStatus();
    RETURN_IF_ERROR(live.status());
    resource_version_ = std::string(kube::ResourceVersion(*live));
    written_ = (*live)["status"];
    status.Set("conditions",
               MergeForeignConditions(status["conditions"], written_["conditions"], owned_));
  }
}

}  // namespace sluice::runtime
