// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/storage/object.h"

#include "absl/strings/str_cat.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

size_t RoughSize(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kString:
      return value.str().size() + 2;
    case Value::Kind::kArray: {
      size_t total = 2;
      for (const Value& item : value.items()) total += RoughSize(item) + 1;
      return total;
    }
    case Value::Kind::kObject: {
      size_t total = 2;
      for (const value::Member& member : value.members()) {
        total += member.key.size() + 4 + RoughSize(member.value);
      }
      return total;
    }
    default:
      return 5;
  }
}

}  // namespace

Object::Object(Value value, uint64_t version)
    : value_(std::move(value)), version_(version), size_(RoughSize(value_)) {}

const std::string& Object::body() const {
  std::call_once(serialised_, [this] { body_ = BodyJson(value_); });
  return body_;
}

std::string BodyJson(const Value& value) {
  Value copy = value;
  copy.Erase("apiVersion");
  copy.Erase("kind");
  return value::FormatJson(copy);
}

void AppendTyped(std::string& out, absl::string_view api_version, absl::string_view kind,
                 absl::string_view body) {
  // Names of kinds and versions are DNS labels: nothing to escape.
  absl::StrAppend(&out, "{\"kind\":\"", kind, "\",\"apiVersion\":\"", api_version, "\"");
  if (body.size() > 2) out.push_back(',');
  out.append(body.data() + 1, body.size() - 1);
}

}  // namespace sluice::devapi
