// The message of a commit, rendered from spec.git.commit.messageTemplate (spec/image.md §10).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/image_setters/setters.h"
#include "common/kube/object_key.h"

namespace sluice::image_controller {

inline constexpr char kDefaultMessage[] = "Update from image update automation";

struct MessageData {
  kube::ObjectKey automation;
  std::map<std::string, image_setters::ObjectChanges> changes;  // by file
  std::map<std::string, std::string> values;
};

// `text` is the template, "" for the default message. kInvalidArgument for what is no template or
// fails, marked as stalling (api/meta/reason.h) and with the reason RemovedTemplateField where it
// uses data that Flux 2.7 dropped.
absl::StatusOr<std::string> RenderMessage(absl::string_view text, const MessageData& data);

}  // namespace sluice::image_controller
