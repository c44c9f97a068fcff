// The query parameters (and, for deletes, the body) that steer a request: metav1.ListOptions,
// CreateOptions, UpdateOptions, PatchOptions and DeleteOptions.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/devapi/requests/request_info.h"
#include "common/devapi/requests/selectors.h"
#include "common/value/value.h"

namespace sluice::devapi {

enum class VersionMatch { kUnset, kExact, kNotOlderThan };

struct ListOptions {
  LabelSelector labels;
  FieldSelector fields;
  std::string label_text;  // as given; part of what a continue token belongs to
  std::string field_text;
  int64_t limit = 0;
  std::string continue_token;
  std::string resource_version;  // as given: "" and "0" mean different things
  uint64_t version = 0;          // its number
  VersionMatch match = VersionMatch::kUnset;
  // Watches.
  std::optional<int64_t> timeout_seconds;
  bool bookmarks = false;
  std::optional<bool> send_initial_events;
};

enum class FieldValidation { kIgnore, kWarn, kStrict };

struct WriteOptions {
  bool dry_run = false;
  std::string field_manager;  // "" when not given
  FieldValidation validation = FieldValidation::kWarn;
  std::optional<bool> force;  // server-side apply
};

enum class Propagation { kUnset, kBackground, kForeground, kOrphan };

struct DeleteOptions {
  bool dry_run = false;
  std::optional<int64_t> grace_period_seconds;
  Propagation propagation = Propagation::kUnset;
  std::string uid_precondition;  // "" when not given
  std::string version_precondition;
};

// Errors are the API errors that the server answers with.
absl::StatusOr<ListOptions> ParseListOptions(const Query& query, bool watch);
// `kind` is "CreateOptions", "UpdateOptions" or "PatchOptions", for messages. `apply` tells whether
// it is a server-side apply, which wants a field manager and alone may force.
absl::StatusOr<WriteOptions> ParseWriteOptions(const Query& query, absl::string_view kind,
                                               bool apply = false);
// `body` is the DeleteOptions sent with the request, null without one; it wins over the query.
absl::StatusOr<DeleteOptions> ParseDeleteOptions(const Query& query, const Value& body);

// A resourceVersion in the query; kInvalidArgument worded as the server does.
absl::StatusOr<uint64_t> ParseResourceVersion(absl::string_view text);
// As ParseResourceVersion(), with the error (500) of reading one object and of watching.
absl::StatusOr<uint64_t> ParseReadVersion(absl::string_view text);

}  // namespace sluice::devapi
