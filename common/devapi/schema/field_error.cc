// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/field_error.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

std::string FieldOf(const FieldPath& path) {
  std::string text = path.ToString();
  return text.empty() ? "<nil>" : text;
}

std::string WithDetail(absl::string_view body, absl::string_view detail) {
  return detail.empty() ? std::string(body) : absl::StrCat(body, ": ", detail);
}

// `value` as Go's field errors print it: strings quoted, the rest as JSON.
std::string Printed(const Value& value) {
  return value::FormatJson(value, {.indent = 0, .escape_html = !value.is_string()});
}

}  // namespace

std::string FieldPath::ToString() const { return Text(true, false); }

std::string FieldPath::Dotted() const { return Text(true, true); }

std::string FieldPath::InBody() const { return Text(false, false); }

std::string FieldPath::Text(bool with_base, bool dotted) const {
  if (kind_ == Kind::kBase) return with_base ? std::string(text_) : "";
  if (kind_ == Kind::kRoot) return "";
  std::string text = parent_->Text(with_base, dotted);
  switch (kind_) {
    case Kind::kRoot:
    case Kind::kBase:
      break;
    case Kind::kChild:
      absl::StrAppend(&text, text.empty() ? "" : ".", text_);
      break;
    case Kind::kIndex:
      absl::StrAppend(&text, "[", index_, "]");
      break;
    case Kind::kKey:
      if (dotted) {
        absl::StrAppend(&text, text.empty() ? "" : ".", text_);
      } else {
        absl::StrAppend(&text, "[", text_, "]");
      }
      break;
  }
  return text;
}

std::string FieldPath::Fields() const {
  if (kind_ == Kind::kRoot) return "";
  if (kind_ == Kind::kBase) return std::string(text_);
  std::string text = parent_->Fields();
  if (kind_ == Kind::kChild) absl::StrAppend(&text, text.empty() ? "" : ".", text_);
  return text;
}

FieldError Required(const FieldPath& path, absl::string_view detail) {
  return {"FieldValueRequired", FieldOf(path), WithDetail("Required value", detail)};
}

FieldError InvalidValue(const FieldPath& path, const Value& value, absl::string_view detail) {
  return InvalidValue(path, PrintedValue{Printed(value)}, detail);
}

FieldError InvalidValue(const FieldPath& path, const PrintedValue& value,
                        absl::string_view detail) {
  return {"FieldValueInvalid", FieldOf(path),
          WithDetail(absl::StrCat("Invalid value: ", value.text), detail)};
}

FieldError WrongType(const FieldPath& path, const Value& value, absl::string_view detail) {
  FieldError error = InvalidValue(path, value, detail);
  error.reason = "FieldValueTypeInvalid";
  return error;
}

FieldError NotSupported(const FieldPath& path, const Value& value,
                        const std::vector<std::string>& supported) {
  return NotSupported(path, PrintedValue{Printed(value)}, supported);
}

FieldError NotSupported(const FieldPath& path, const PrintedValue& value,
                        const std::vector<std::string>& supported) {
  std::vector<std::string> quoted;
  for (const std::string& one : supported) quoted.push_back(Printed(Value(one)));
  return {"FieldValueNotSupported", FieldOf(path),
          absl::StrCat("Unsupported value: ", value.text,
                       quoted.empty() ? "" : ": supported values: ", absl::StrJoin(quoted, ", "))};
}

FieldError Duplicate(const FieldPath& path, const Value& value) {
  return Duplicate(path, PrintedValue{Printed(value)});
}

FieldError Duplicate(const FieldPath& path, const PrintedValue& value) {
  return {"FieldValueDuplicate", FieldOf(path), absl::StrCat("Duplicate value: ", value.text)};
}

FieldError ForbiddenField(const FieldPath& path, absl::string_view detail) {
  return {"FieldValueForbidden", FieldOf(path), WithDetail("Forbidden", detail)};
}

FieldError FieldNotFound(const FieldPath& path, const Value& value) {
  return {"FieldValueNotFound", FieldOf(path), absl::StrCat("Not found: ", Printed(value))};
}

FieldError TooLong(const FieldPath& path, int64_t max_bytes) {
  return {"FieldValueTooLong", FieldOf(path),
          absl::StrCat("Too long: may not be more than ", max_bytes, " bytes")};
}

FieldError TooMany(const FieldPath& path, int64_t actual, int64_t max) {
  return {"FieldValueTooMany", FieldOf(path),
          absl::StrCat("Too many: ", actual, ": must have at most ", max, " items")};
}

std::string ToString(const FieldError& error) {
  return absl::StrCat(error.field, ": ", error.message);
}

std::string JoinErrors(const FieldErrors& errors) {
  std::vector<std::string> texts;
  std::set<std::string> seen;
  for (const FieldError& error : errors) {
    std::string text = ToString(error);
    if (seen.insert(text).second) texts.push_back(std::move(text));
  }
  if (texts.size() == 1) return texts.front();
  return absl::StrCat("[", absl::StrJoin(texts, ", "), "]");
}

}  // namespace sluice::devapi
