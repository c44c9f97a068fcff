// Documents to structs by the rules of Go's encoding/json: field names match without regard to
// case, null leaves a field as it is, a value of the wrong type is an error that names the field.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::kustomize {

// What is decoded, which decides how strictly.
enum class Decoding : uint8_t {
  kKustomization,  // unknown fields are errors
  kConfiguration,  // unknown fields are errors; numbers and booleans will do where texts are wanted
  kPlugin,         // unknown fields are passed over; numbers and booleans will do
};

// Reads the members of one object, the caller naming each field it knows, by names that outlive the
// decoder. The first error is kept
// and returned by Finish(); calls after it do nothing.
//
//   Decoder decoder(value, "Image.images", Decoding::kKustomization);
//   decoder.String("name", image.name);
//   RETURN_IF_ERROR(decoder.Finish());
class Decoder {
 public:
  // `where` names the object in messages.
  Decoder(const Value& object, absl::string_view where, Decoding decoding);

  void String(absl::string_view name, std::string& target);
  void Bool(absl::string_view name, bool& target);
  void Int(absl::string_view name, int64_t& target);
  void Strings(absl::string_view name, std::vector<std::string>& target);
  void StringMap(absl::string_view name, std::map<std::string, std::string>& target);
  // Whatever the field holds, unless it is null.
  void Any(absl::string_view name, absl::FunctionRef<absl::Status(const Value&)> read);
  // Accepts the field and ignores what it holds.
  void Ignore(absl::string_view name);
  // Whether the object has the field and it is not null.
  bool Has(absl::string_view name);

  absl::Status Finish();

 private:
  // The member that the field is decoded from, or null.
  const Value* Take(absl::string_view name);
  void Fail(absl::string_view name, const Value& value, absl::string_view wanted);
  // The text of `value`, or nothing if it cannot be taken for one.
  std::optional<std::string> TextOf(const Value& value) const;

  const Value& object_;
  std::string where_;
  Decoding decoding_;
  std::vector<bool> taken_;
  std::vector<absl::string_view> known_;  // fields that were asked for
  absl::Status status_;
};

// The elements of a list, none for null; kInvalidArgument if it is something else.
absl::StatusOr<std::span<const Value>> DecodeList(const Value& list, absl::string_view where);

// A list of objects, each decoded by `read`.
template <typename T, typename Read>
absl::Status DecodeObjects(const Value& list, absl::string_view where, std::vector<T>& target,
                           Read read) {
  const absl::StatusOr<std::span<const Value>> items = DecodeList(list, where);
  if (!items.ok()) return items.status();
  for (const Value& item : *items) {
    T& element = target.emplace_back();
    if (item.is_null()) continue;
    if (absl::Status status = read(item, element); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace sluice::kustomize
