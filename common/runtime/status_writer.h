// StatusWriter: the only code that writes an object's status.
//
// A reconciler works on its own copy of the status and calls Patch() where others should see it;
// what is sent is the difference to what was sent before, and nothing when there is none.
//
// Conditions that this controller does not own are kept, also when somebody changes them meanwhile:
// each patch names the resourceVersion it is based on, and on a conflict the live object's foreign
// conditions are merged in before trying again (spec/source.md §7.4).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/kube/client.h"

namespace sluice::runtime {

// Not thread-safe; one per reconciliation.
class StatusWriter {
 public:
  // `object` as the reconciliation found it. `owned` lists the condition types that are ours.
  // `client`, `resource` and `owned` must outlive the writer.
  StatusWriter(kube::Client& client, const kube::Resource& resource, const Value& object,
               std::string field_manager, std::span<const absl::string_view> owned);

  // Makes the object's status `status`. An object that is gone is no error.
  absl::Status Patch(const Context& ctx, Value status);

  // Of the object as it was read, or as the last patch left it.
  const std::string& resource_version() const { return resource_version_; }

 private:
  kube::Client& client_;
  const kube::Resource& resource_;
  const std::string field_manager_;
  const std::span<const absl::string_view> owned_;
  kube::ObjectKey key_;
  std::string resource_version_;
  Value written_;  // the status as the server has it, as far as we know
};

}  // namespace sluice::runtime
