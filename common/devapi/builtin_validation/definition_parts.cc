// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/definition_parts.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace sluice::devapi {
namespace {

constexpr size_t kMaxDeprecationWarning = 256;
constexpr size_t kMaxSelectableFields = 8;

std::string Joined(const Messages& messages) { return absl::StrJoin(messages, ","); }

void CheckLabel(const Field& field, absl::string_view text, absl::string_view prefix,
                FieldErrors& errors) {
  const Messages messages = CheckDns1035Label(text);
  if (text.empty() || messages.empty()) return;
  errors.push_back(InvalidValue(field.path, field.value, absl::StrCat(prefix, Joined(messages))));
}

// A path of the scale subresource, below one of `roots`.
void CheckScalePath(const Field& field, const std::vector<std::string>& roots,
                    absl::string_view detail, FieldErrors& errors) {
  if (field.str()[0] != '.') {
    Add(field, {"must be a simple json path starting with ."}, errors);
    return;
  }
  const bool below = std::any_of(roots.begin(), roots.end(), [&](const std::string& root) {
    return absl::StartsWith(field.str(), absl::StrCat(root, "."));
  });
  if (!below) Add(field, {std::string(detail)}, errors);
}

// The schema of the field at `path` (".spec.a"), null if there is none.
const Value& SchemaAt(const Value& schema, absl::string_view path) {
  const Value* at = &schema;
  for (absl::string_view name : absl::StrSplit(absl::StripPrefix(path, "."), '.')) {
    at = &(*at)["properties"][name];
  }
  return *at;
}

}  // namespace

void CheckListed(const Field& field, const std::vector<std::string>& supported,
                 FieldErrors& errors) {
  if (MustBePresent(field, errors)) MustBeOneOf(field, supported, errors);
}

void ValidateNames(const Field& names, FieldErrors& errors) {
  for (const char* name : {"plural", "singular", "kind", "listKind"}) {
    MustBePresent(names[name], errors);
  }
  constexpr absl::string_view kMixedCase = "may have mixed case, but should otherwise match: ";
  CheckLabel(names["plural"], names.value["plural"].str(), "", errors);
  CheckLabel(names["singular"], names.value["singular"].str(), "", errors);
  for (const char* name : {"kind", "listKind"}) {
    CheckLabel(names[name], absl::AsciiStrToLower(names.value[name].str()), kMixedCase, errors);
  }
  const Field short_names = names["shortNames"];
  for (size_t i = 0; i < short_names.value.size(); ++i) {
    const Field name = short_names.At(i);
    CheckLabel(name, name.str(), "", errors);
  }
  const Field list_kind = names["listKind"];
  if (!list_kind.str().empty() && list_kind.value == names.value["kind"]) {
    Add(list_kind, {"kind and listKind may not be the same"}, errors);
  }
  const Field categories = names["categories"];
  for (size_t i = 0; i < categories.value.size(); ++i) {
    const Field category = categories.At(i);
    CheckLabel(category, category.str(), "", errors);
  }
}

void ValidateColumns(const Field& columns, FieldErrors& errors) {
  static constexpr absl::string_view kTypes[] = {"boolean", "date", "integer", "number", "string"};
  static constexpr absl::string_view kFormats[] = {"byte",  "date",  "date-time", "double",
                                                   "float", "int32", "int64",     "password"};
  const auto listed = [](const auto& names, absl::string_view name) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  };
  for (size_t i = 0; i < columns.value.size(); ++i) {
    const Field column = columns.At(i);
    MustBePresent(column["name"], errors);
    const std::string types = absl::StrCat("must be one of ", absl::StrJoin(kTypes, ","));
    const Field type = column["type"];
    if (type.str().empty()) {
      errors.push_back(Required(type.path, types));
    } else if (!listed(kTypes, type.str())) {
      Add(type, {types}, errors);
    }
    const Field format = column["format"];
    if (!format.str().empty() && !listed(kFormats, format.str())) {
      Add(format, {absl::StrCat("must be one of ", absl::StrJoin(kFormats, ","))}, errors);
    }
    const FieldPath path = column.path.Child("JSONPath");
    const Value& text = column.value["jsonPath"];
    if (text.str().empty()) {
      errors.push_back(Required(path));
    } else if (text.str()[0] != '.') {
      errors.push_back(InvalidValue(path, text, "must be a simple json path starting with ."));
    }
  }
}

void ValidateSubresources(const Field& subresources, FieldErrors& errors) {
  const Field scale = subresources["scale"];
  if (scale.absent()) return;
  const Field spec = scale["specReplicasPath"];
  if (MustBePresent(spec, errors)) {
    CheckScalePath(spec, {".spec"}, "should be a json path under .spec", errors);
  }
  const Field status = scale["statusReplicasPath"];
  if (MustBePresent(status, errors)) {
    CheckScalePath(status, {".status"}, "should be a json path under .status", errors);
  }
  const Field selector = scale["labelSelectorPath"];
  if (!selector.str().empty()) {
    CheckScalePath(selector, {".spec", ".status"},
                   "should be a json path under either .spec or .status", errors);
  }
}

void ValidateSelectableFields(const Field& fields, const Value& schema, FieldErrors& errors) {
  if (fields.value.empty()) return;
  if (schema.is_null()) {
    errors.push_back(
        InvalidValue(fields.path, "", "may only be set when validations.schema is included"));
    return;
  }
  if (fields.value.size() > kMaxSelectableFields) {
    errors.push_back(TooMany(fields.path, static_cast<int64_t>(fields.value.size()),
                             static_cast<int64_t>(kMaxSelectableFields)));
  }
  std::set<std::string> known;
  for (size_t i = 0; i < fields.value.size(); ++i) {
    const Field field = fields.At(i);
    const Field path = field["jsonPath"];
    if (!MustBePresent(path, errors)) continue;
    const Value& target = SchemaAt(schema, path.str());
    if (target.is_null()) {
      Add(path, {"is an invalid path: does not refer to a valid field"}, errors);
    } else if (const absl::string_view type = target["type"].str();
               type != "string" && type != "boolean" && type != "integer") {
      Add(path,
          {"must point to a field of type string, boolean or integer. Enum string fields and "
           "strings with formats are allowed."},
          errors);
    }
    if (!known.emplace(path.str()).second) errors.push_back(Duplicate(path.path, path.value));
  }
}

void ValidateConversion(const Field& conversion, FieldErrors& errors) {
  if (conversion.absent()) return;
  const Field strategy = conversion["strategy"];
  CheckListed(strategy, {"None", "Webhook"}, errors);
  const Value& config = conversion.value["webhook"]["clientConfig"];
  const FieldPath config_path = conversion.path.Child("webhookClientConfig");
  const Value& versions = conversion.value["webhook"]["conversionReviewVersions"];
  const FieldPath versions_path = conversion.path.Child("conversionReviewVersions");
  if (strategy.str() == "Webhook") {
    if (config.is_null()) {
      errors.push_back(Required(config_path, "required when strategy is set to Webhook"));
    }
    if (versions.empty()) errors.push_back(Required(versions_path));
    return;
  }
  constexpr absl::string_view kNotHere = "should not be set when strategy is not set to Webhook";
  if (!config.is_null()) errors.push_back(ForbiddenField(config_path, kNotHere));
  if (!versions.empty()) errors.push_back(ForbiddenField(versions_path, kNotHere));
}

void ValidateDeprecation(const Field& version, FieldErrors& errors) {
  const Field warning = version["deprecationWarning"];
  if (warning.absent()) return;
  if (!version.value["deprecated"].bool_or(false)) {
    Add(warning, {"can only be set for deprecated versions"}, errors);
  }
  if (warning.str().empty()) Add(warning, {"must not be an empty string"}, errors);
  if (warning.str().size() > kMaxDeprecationWarning) {
    Add(warning, {absl::StrCat("must be <= ", kMaxDeprecationWarning, " characters long")}, errors);
  }
}

}  // namespace sluice::devapi
