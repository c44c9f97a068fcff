// SPDX-License-Identifier: Apache-2.0
#include "common/value/json_patch.h"

#include <charconv>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"

namespace sluice::value {
namespace {

// The reference wraps a cause as "context: cause"; these are its causes.
absl::Status Missing(absl::string_view context) {
  return absl::FailedPreconditionError(absl::StrCat(context, ": missing value"));
}

absl::Status InvalidIndex(int64_t index) {
  return absl::FailedPreconditionError(
      absl::StrCat("Unable to access invalid index: ", index, ": invalid index referenced"));
}

absl::Status TestFailed(absl::string_view path) {
  return absl::FailedPreconditionError(
      absl::StrCat("testing value ", path, " failed: test failed"));
}

std::string UnescapeJsonPointer(absl::string_view step) {
  // One pass from left to right, so "~01" is "~1".
  return absl::StrReplaceAll(step, {{"~1", "/"}, {"~0", "~"}});
}

// An index as strconv.Atoi reads it, errors included.
absl::StatusOr<int64_t> ParseIndex(absl::string_view text) {
  absl::string_view digits = text;
  const bool negative = !digits.empty() && digits.front() == '-';
  if (!digits.empty() && (digits.front() == '-' || digits.front() == '+')) digits.remove_prefix(1);
  int64_t index = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, index);
  if (digits.empty() || digits.front() == '-' || error == std::errc::invalid_argument ||
      stop != end) {
    return absl::FailedPreconditionError(
        absl::StrCat("strconv.Atoi: parsing ", FormatJson(text), ": invalid syntax"));
  }
  if (error == std::errc::result_out_of_range) {
    return absl::FailedPreconditionError(
        absl::StrCat("strconv.Atoi: parsing ", FormatJson(text), ": value out of range"));
  }
  return negative ? -index : index;
}

// `key` as the position of an existing element of `list`.
absl::StatusOr<size_t> ExistingIndex(const Value& list, absl::string_view key) {
  ASSIGN_OR_RETURN(const int64_t index, ParseIndex(key));
  const auto size = static_cast<int64_t>(list.size());
  if (index < -size || index >= size) return InvalidIndex(index);
  return static_cast<size_t>(index < 0 ? index + size : index);
}

// The member or element `key`, null if a member is absent.
absl::StatusOr<Value> Get(const Value& container, absl::string_view key) {
  if (container.is_object()) return container[key];
  ASSIGN_OR_RETURN(const size_t index, ExistingIndex(container, key));
  return container.at(index);
}

absl::Status Add(Value& container, absl::string_view key, Value value) {
  if (container.is_object()) {
    container.Set(key, std::move(value));
    return absl::OkStatus();
  }
  if (key == "-") {
    container.Append(std::move(value));
    return absl::OkStatus();
  }
  const absl::StatusOr<int64_t> index = ParseIndex(key);
  if (!index.ok()) {
    return Annotate(index.status(),
                    absl::StrCat("value was not a proper array index: '", key, "'"));
  }
  const auto size = static_cast<int64_t>(container.size()) + 1;
  if (*index < -size || *index >= size) return InvalidIndex(*index);
  Value::Array& items = container.mutable_items();
  items.insert(items.begin() + (*index < 0 ? *index + size : *index), std::move(value));
  return absl::OkStatus();
}

absl::Status Replace(Value& container, absl::string_view key, Value value) {
  if (container.is_object()) {
    container.Set(key, std::move(value));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const size_t index, ExistingIndex(container, key));
  container.mutable_items()[index] = std::move(value);
  return absl::OkStatus();
}

absl::Status Remove(Value& container, absl::string_view key) {
  if (container.is_object()) {
    if (container.Erase(key)) return absl::OkStatus();
    return Missing(absl::StrCat("Unable to remove nonexistent key: ", key));
  }
  ASSIGN_OR_RETURN(const size_t index, ExistingIndex(container, key));
  Value::Array& items = container.mutable_items();
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
  return absl::OkStatus();
}

struct Place {
  Value* container = nullptr;  // an object or a list; nullptr if the path leads nowhere
  std::string key;
};

// Where the last step of `path` is looked up.
Place Locate(Value& document, absl::string_view path) {
  const std::vector<absl::string_view> steps = absl::StrSplit(path, '/');
  if (steps.size() < 2) return {};
  Value* container = &document;
  for (size_t i = 1; i + 1 < steps.size(); ++i) {
    const std::string key = UnescapeJsonPointer(steps[i]);
    if (container->is_array()) {
      const absl::StatusOr<size_t> index = ExistingIndex(*container, key);
      if (!index.ok()) return {};
      container = &container->mutable_items()[*index];
    } else {
      container = container->FindMutable(key);
    }
    if (container == nullptr || !(container->is_object() || container->is_array())) return {};
  }
  return {container, UnescapeJsonPointer(steps.back())};
}

class Operation {
 public:
  Operation(const Value& operation, Value& document) : operation_(operation), document_(document) {}

  absl::Status Run(const JsonPatchLimits& limits, int64_t& copied_bytes) {
    const absl::string_view kind = operation_["op"].string_or("unknown");
    if (kind == "add") return RunAdd();
    if (kind == "remove") return RunRemove();
    if (kind == "replace") return RunReplace();
    if (kind == "move") return RunMove();
    if (kind == "test") return RunTest();
    if (kind == "copy") return RunCopy(limits, copied_bytes);
    return absl::FailedPreconditionError(absl::StrCat("Unexpected kind: ", kind));
  }

 private:
  absl::StatusOr<std::string> Pointer(absl::string_view field, absl::string_view if_absent) const {
    const Value& pointer = operation_[field];
    if (pointer.is_string()) return std::string(pointer.str());
    if (pointer.is_null()) return Missing(if_absent);
    return absl::FailedPreconditionError(
        "json: cannot unmarshal a value that is no string into Go value of type string");
  }
  absl::StatusOr<std::string> Path() const {
    return Pointer("path", "operation missing path field");
  }
  absl::StatusOr<std::string> From() const {
    return Pointer("from", "operation, missing from field");
  }

  absl::Status RunAdd() {
    const absl::StatusOr<std::string> path = Path();
    if (!path.ok()) return Missing("add operation failed to decode path");
    const Place place = Locate(document_, *path);
    if (place.container == nullptr) {
      return Missing(
          absl::StrCat("add operation does not apply: doc is missing path: \"", *path, "\""));
    }
    return Annotate(Add(*place.container, place.key, operation_["value"]),
                    absl::StrCat("error in add for path: '", *path, "'"));
  }

  absl::Status RunRemove() {
    const absl::StatusOr<std::string> path = Path();
    if (!path.ok()) return Missing("remove operation failed to decode path");
    const Place place = Locate(document_, *path);
    if (place.container == nullptr) {
      return Missing(
          absl::StrCat("remove operation does not apply: doc is missing path: \"", *path, "\""));
    }
    return Annotate(Remove(*place.container, place.key),
                    absl::StrCat("error in remove for path: '", *path, "'"));
  }

  absl::Status RunReplace() {
    const absl::StatusOr<std::string> path = Path();
    if (!path.ok()) return Annotate(path.status(), "replace operation failed to decode path");
    if (path->empty()) {
      // A scalar is passed over without an error.
      const Value& value = operation_["value"];
      if (value.is_object() || value.is_array()) document_ = Value(value);
      return absl::OkStatus();
    }
    const Place place = Locate(document_, *path);
    if (place.container == nullptr) {
      return Missing(
          absl::StrCat("replace operation does not apply: doc is missing path: ", *path));
    }
    if (!Get(*place.container, place.key).ok()) {
      return Missing(absl::StrCat("replace operation does not apply: doc is missing key: ", *path));
    }
    return Replace(*place.container, place.key, operation_["value"]);
  }

  absl::Status RunMove() {
    const absl::StatusOr<std::string> from = From();
    if (!from.ok()) return Annotate(from.status(), "move operation failed to decode from");
    const Place source = Locate(document_, *from);
    if (source.container == nullptr) {
      return Missing(
          absl::StrCat("move operation does not apply: doc is missing from path: ", *from));
    }
    const std::string at_source = absl::StrCat("error in move for path: '", source.key, "'");
    absl::StatusOr<Value> value = Get(*source.container, source.key);
    if (!value.ok()) return Annotate(value.status(), at_source);
    RETURN_IF_ERROR(Annotate(Remove(*source.container, source.key), at_source));

    const absl::StatusOr<std::string> path = Path();
    if (!path.ok()) return Annotate(path.status(), "move operation failed to decode path");
    const Place target = Locate(document_, *path);
    if (target.container == nullptr) {
      return Missing(
          absl::StrCat("move operation does not apply: doc is missing destination path: ", *path));
    }
    return Annotate(Add(*target.container, target.key, *std::move(value)),
                    absl::StrCat("error in move for path: '", *path, "'"));
  }

  absl::Status RunTest() {
    const absl::StatusOr<std::string> path = Path();
    if (!path.ok()) return Annotate(path.status(), "test operation failed to decode path");
    const Value* const expected = operation_.Find("value");
    if (path->empty()) {
      return expected != nullptr && document_ == *expected ? absl::OkStatus() : TestFailed(*path);
    }
    const Place place = Locate(document_, *path);
    if (place.container == nullptr) {
      return Missing(absl::StrCat("test operation does not apply: is missing path: ", *path));
    }
    const absl::StatusOr<Value> value = Get(*place.container, place.key);
    if (!value.ok()) {
      return Annotate(value.status(), absl::StrCat("error in test for path: '", *path, "'"));
    }
    return expected != nullptr && *value == *expected ? absl::OkStatus() : TestFailed(*path);
  }

  absl::Status RunCopy(const JsonPatchLimits& limits, int64_t& copied_bytes) {
    const absl::StatusOr<std::string> from = From();
    if (!from.ok()) return Annotate(from.status(), "copy operation failed to decode from");
    const Place source = Locate(document_, *from);
    if (source.container == nullptr) {
      return Missing(
          absl::StrCat("copy operation does not apply: doc is missing from path: ", *from));
    }
    absl::StatusOr<Value> value = Get(*source.container, source.key);
    if (!value.ok()) {
      return Annotate(value.status(), absl::StrCat("error in copy for from: '", *from, "'"));
    }
    const absl::StatusOr<std::string> path = Path();
    if (!path.ok()) return Missing("copy operation failed to decode path");
    const Place target = Locate(document_, *path);
    if (target.container == nullptr) {
      return Missing(
          absl::StrCat("copy operation does not apply: doc is missing destination path: ", *path));
    }
    copied_bytes += static_cast<int64_t>(FormatJson(*value).size());
    if (copied_bytes > limits.max_copied_bytes) {
      return absl::FailedPreconditionError(
          absl::StrCat("Unable to complete the copy, the accumulated size increase of copy is ",
                       copied_bytes, ", exceeding the limit ", limits.max_copied_bytes));
    }
    return Annotate(Add(*target.container, target.key, *std::move(value)),
                    "error while adding value during copy");
  }

  const Value& operation_;
  Value& document_;
};

absl::string_view GoKind(const Value& value) {
  if (value.is_object()) return "object";
  if (value.is_array()) return "array";
  if (value.is_string()) return "string";
  return value.is_bool() ? "bool" : "number";
}

}  // namespace

absl::StatusOr<Value> ApplyJsonPatch(const Value& document, const Value& patch,
                                     const JsonPatchLimits& limits) {
  if (!patch.is_array() && !patch.is_null()) {
    return absl::InvalidArgumentError(absl::StrCat("json: cannot unmarshal ", GoKind(patch),
                                                   " into Go value of type jsonpatch.Patch"));
  }
  if (patch.size() > limits.max_operations) {
    return absl::ResourceExhaustedError(
        absl::StrCat("The allowed maximum operations in a JSON patch is ", limits.max_operations,
                     ", got ", patch.size()));
  }
  for (const Value& operation : patch.items()) {
    if (operation.is_object() || operation.is_null()) continue;
    return absl::InvalidArgumentError(absl::StrCat("json: cannot unmarshal ", GoKind(operation),
                                                   " into Go value of type jsonpatch.Operation"));
  }
  Value result = document;
  int64_t copied_bytes = 0;
  for (const Value& operation : patch.items()) {
    RETURN_IF_ERROR(Operation(operation, result).Run(limits, copied_bytes));
  }
  return result;
}

std::string EscapeJsonPointer(absl::string_view key) {
  return absl::StrReplaceAll(key, {{"~", "~0"}, {"/", "~1"}});
}

}  // namespace sluice::value
