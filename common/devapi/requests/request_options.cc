// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/request_options.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/devapi/requests/api_error.h"

namespace sluice::devapi {
namespace {

constexpr char kOptionsGroup[] = "meta.k8s.io";

absl::Status InvalidOption(absl::string_view kind, absl::string_view reason,
                           absl::string_view field, absl::string_view message) {
  return Invalid(kOptionsGroup, kind, "",
                 {FieldError{std::string(reason), std::string(field), std::string(message)}});
}

absl::StatusOr<int64_t> ParseNumber(absl::string_view text) {
  int64_t number = 0;
  if (absl::SimpleAtoi(text, &number)) return number;
  return BadRequest(absl::StrCat("strconv.ParseInt: parsing \"", text, "\": invalid syntax"));
}

// Booleans in queries: anything but "false" and "0" is true, as conversion.go has it.
bool ParseFlag(absl::string_view text) {
  return absl::AsciiStrToLower(text) != "false" && text != "0";
}

absl::Status CheckDryRun(const std::vector<std::string>& values, absl::string_view kind,
                         bool* dry_run) {
  for (const std::string& text : values) {
    if (text == "All") {
      *dry_run = true;
    } else if (!text.empty() || values.size() > 1) {
      return InvalidOption(kind, "FieldValueNotSupported", "dryRun",
                           absl::StrCat("Unsupported value: [\"", absl::StrJoin(values, "\",\""),
                                        "\"]: supported values: \"All\""));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Propagation> ParsePropagation(absl::string_view text) {
  if (text.empty()) return Propagation::kUnset;
  if (text == "Background") return Propagation::kBackground;
  if (text == "Foreground") return Propagation::kForeground;
  if (text == "Orphan") return Propagation::kOrphan;
  return InvalidOption(
      "DeleteOptions", "FieldValueNotSupported", "propagationPolicy",
      absl::StrCat("Unsupported value: \"", text,
                   "\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""));
}

absl::Status CheckMatch(const ListOptions& options, absl::string_view match, bool watch) {
  const auto refuse = [](absl::string_view message) {
    return InvalidOption("ListOptions", "FieldValueForbidden", "resourceVersionMatch",
                         absl::StrCat("Forbidden: ", message));
  };
  if (watch && options.send_initial_events.has_value()) {
    if (options.match != VersionMatch::kNotOlderThan) {
      return refuse("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
    }
    return absl::OkStatus();
  }
  if (options.send_initial_events.has_value()) {
    return InvalidOption("ListOptions", "FieldValueForbidden", "sendInitialEvents",
                         "Forbidden: sendInitialEvents is forbidden for list");
  }
  if (match.empty()) return absl::OkStatus();
  if (watch)
    return refuse(
        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is "
        "provided");
  if (options.resource_version.empty()) {
    return refuse("resourceVersionMatch is forbidden unless resourceVersion is provided");
  }
  if (!options.continue_token.empty()) {
    return refuse("resourceVersionMatch is forbidden when continue is provided");
  }
  if (options.match == VersionMatch::kUnset) {
    return InvalidOption("ListOptions", "FieldValueNotSupported", "resourceVersionMatch",
                         absl::StrCat("Unsupported value: \"", match,
                                      "\": supported values: \"Exact\", \"NotOlderThan\", \"\""));
  }
  if (options.match == VersionMatch::kExact && options.resource_version == "0") {
    return refuse("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
  }
  return absl::OkStatus();
}

std::string VersionFault(absl::string_view text) {
  return absl::StrCat("resourceVersion: Invalid value: \"", text,
                      "\": strconv.ParseUint: parsing \"", text, "\": invalid syntax");
}

}  // namespace

absl::StatusOr<uint64_t> ParseResourceVersion(absl::string_view text) {
  if (text.empty()) return uint64_t{0};
  uint64_t version = 0;
  const bool digits = std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (digits && absl::SimpleAtoi(text, &version)) return version;
  return BadRequest(absl::StrCat("invalid resource version: ", VersionFault(text)));
}

absl::StatusOr<uint64_t> ParseReadVersion(absl::string_view text) {
  absl::StatusOr<uint64_t> version = ParseResourceVersion(text);
  return version.ok() ? version : ApiError(500, "", VersionFault(text));
}

absl::StatusOr<ListOptions> ParseListOptions(const Query& query, bool watch) {
  ListOptions options;
  options.label_text = std::string(query.Get("labelSelector"));
  options.field_text = std::string(query.Get("fieldSelector"));
  absl::StatusOr<LabelSelector> labels = LabelSelector::Parse(options.label_text);
  if (!labels.ok()) return BadRequest(labels.status().message());
  options.labels = *std::move(labels);
  absl::StatusOr<FieldSelector> fields = FieldSelector::Parse(options.field_text);
  if (!fields.ok()) return BadRequest(fields.status().message());
  options.fields = *std::move(fields);
  if (!query.Get("limit").empty()) {
    ASSIGN_OR_RETURN(options.limit, ParseNumber(query.Get("limit")));
  }
  if (!query.Get("timeoutSeconds").empty()) {
    ASSIGN_OR_RETURN(options.timeout_seconds, ParseNumber(query.Get("timeoutSeconds")));
  }
  options.continue_token = std::string(query.Get("continue"));
  options.resource_version = std::string(query.Get("resourceVersion"));
  const absl::string_view match = query.Get("resourceVersionMatch");
  if (match == "Exact") options.match = VersionMatch::kExact;
  if (match == "NotOlderThan") options.match = VersionMatch::kNotOlderThan;
  if (query.Has("allowWatchBookmarks")) {
    options.bookmarks = ParseFlag(query.Get("allowWatchBookmarks"));
  }
  if (query.Has("sendInitialEvents")) {
    options.send_initial_events = ParseFlag(query.Get("sendInitialEvents"));
  }
  RETURN_IF_ERROR(CheckMatch(options, match, watch));
  ASSIGN_OR_RETURN(options.version, watch ? ParseReadVersion(options.resource_version)
                                          : ParseResourceVersion(options.resource_version));
  if (!watch && !options.continue_token.empty() && options.version != 0) {
    return BadRequest("specifying resource version is not allowed when using continue");
  }
  return options;
}

absl::StatusOr<WriteOptions> ParseWriteOptions(const Query& query, absl::string_view kind,
                                               bool apply) {
  WriteOptions options;
  RETURN_IF_ERROR(CheckDryRun(query.All("dryRun"), kind, &options.dry_run));
  options.field_manager = std::string(query.Get("fieldManager"));
  if (query.Has("force")) options.force = ParseFlag(query.Get("force"));
  if (apply && options.field_manager.empty()) {
    return InvalidOption(kind, "FieldValueRequired", "fieldManager",
                         "Required value: is required for apply patch");
  }
  if (!apply && options.force.has_value()) {
    return InvalidOption(kind, "FieldValueForbidden", "force",
                         "Forbidden: may not be specified for non-apply patch");
  }
  if (options.field_manager.size() > 128) {
    return InvalidOption(kind, "FieldValueTooLong", "fieldManager",
                         "Too long: may not be more than 128 bytes");
  }
  for (size_t i = 0; i < options.field_manager.size(); ++i) {
    const auto byte = static_cast<unsigned char>(options.field_manager[i]);
    if (byte >= 0x20 && byte != 0x7f) continue;
    return InvalidOption(kind, "FieldValueInvalid", "fieldManager",
                         absl::StrFormat("Invalid value: \"%s\": invalid character U+%04X (at "
                                         "position %d)",
                                         absl::CHexEscape(options.field_manager), byte, i));
  }
  const absl::string_view validation = query.Get("fieldValidation");
  if (validation == "Ignore") {
    options.validation = FieldValidation::kIgnore;
  } else if (validation == "Strict") {
    options.validation = FieldValidation::kStrict;
  } else if (!validation.empty() && validation != "Warn") {
    return InvalidOption(
        kind, "FieldValueNotSupported", "fieldValidation",
        absl::StrCat("Unsupported value: \"", validation,
                     "\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""));
  }
  return options;
}

absl::StatusOr<DeleteOptions> ParseDeleteOptions(const Query& query, const Value& body) {
  DeleteOptions options;
  std::vector<std::string> dry_run = query.All("dryRun");
  for (const Value& item : body["dryRun"].items()) dry_run.emplace_back(item.str());
  RETURN_IF_ERROR(CheckDryRun(dry_run, "DeleteOptions", &options.dry_run));
  std::string policy(query.Get("propagationPolicy"));
  std::optional<bool> orphan;
  if (query.Has("orphanDependents")) orphan = ParseFlag(query.Get("orphanDependents"));
  if (!query.Get("gracePeriodSeconds").empty()) {
    ASSIGN_OR_RETURN(options.grace_period_seconds, ParseNumber(query.Get("gracePeriodSeconds")));
  }
  if (body.is_object()) {
    if (body["propagationPolicy"].is_string())
      policy = std::string(body["propagationPolicy"].str());
    if (body["orphanDependents"].is_bool()) orphan = body["orphanDependents"].bool_or(false);
    if (body["gracePeriodSeconds"].is_integer()) {
      options.grace_period_seconds = body["gracePeriodSeconds"].int_or(0);
    }
    options.uid_precondition = std::string(body["preconditions"]["uid"].str());
    options.version_precondition = std::string(body["preconditions"]["resourceVersion"].str());
  }
  if (!policy.empty() && orphan.has_value()) {
    return InvalidOption("DeleteOptions", "FieldValueInvalid", "propagationPolicy",
                         absl::StrCat("Invalid value: \"", policy,
                                      "\": orphanDependents and deletionPropagation cannot be both "
                                      "set"));
  }
  ASSIGN_OR_RETURN(options.propagation, ParsePropagation(policy));
  if (orphan.has_value()) {
    options.propagation = *orphan ? Propagation::kOrphan : Propagation::kBackground;
  }
  return options;
}

}  // namespace sluice::devapi
