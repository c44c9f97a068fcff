// SPDX-License-Identifier: Apache-2.0
#include "common/kube/watch_decoder.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/api_error.h"
#include "common/value/json.h"

namespace sluice::kube {

absl::Status WatchDecoder::Feed(absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const absl::string_view piece = bytes.substr(0, end);
    if (partial_.size() + piece.size() > kMaxLine) {
      return absl::ResourceExhaustedError(
          absl::StrCat("watch event is longer than ", kMaxLine, " bytes"));
    }
    if (end == absl::string_view::npos) {
      absl::StrAppend(&partial_, piece);
      return absl::OkStatus();
    }
    bytes.remove_prefix(end + 1);
    if (partial_.empty()) {
      RETURN_IF_ERROR(Decode(piece));
    } else {
      const std::string line = absl::StrCat(partial_, piece);
      partial_.clear();
      RETURN_IF_ERROR(Decode(line));
    }
  }
  return absl::OkStatus();
}

absl::Status WatchDecoder::Decode(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  if (line.empty()) return absl::OkStatus();
  auto event = value::ParseJson(line);
  if (!event.ok()) return Annotate(event.status(), "unable to decode watch event");
  const absl::string_view type = (*event)["type"].str();
  const Value& object = (*event)["object"];
  if (type == "ADDED") return on_event_({WatchEventType::kAdded, object});
  if (type == "MODIFIED") return on_event_({WatchEventType::kModified, object});
  if (type == "DELETED") return on_event_({WatchEventType::kDeleted, object});
  if (type == "BOOKMARK") return on_event_({WatchEventType::kBookmark, object});
  if (type == "ERROR") return ErrorFromStatusObject(object);
  return absl::InvalidArgumentError(absl::StrCat("unknown watch event type \"", type, "\""));
}

}  // namespace sluice::kube
