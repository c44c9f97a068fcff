// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/definitions.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/devapi/builtin_validation/definition_schema.h"
#include "common/devapi/schema/formats.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr absl::string_view kApproval = "api-approved.kubernetes.io";
constexpr size_t kMaxDeprecationWarning = 256;
constexpr size_t kMaxSelectableFields = 8;

std::string Joined(const Messages& messages) { return absl::StrJoin(messages, ","); }

void CheckLabel(const Field& field, absl::string_view text, absl::string_view prefix,
                FieldErrors& errors) {
  const Messages messages = CheckDns1035Label(text);
  if (text.empty() || messages.empty()) return;
  errors.push_back(InvalidValue(field.path, field.value, absl::StrCat(prefix, Joined(messages))));
}

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

// The schema of the field at `path` (".spec.a"), null if there is none.
const Value& SchemaAt(const Value& schema, absl::string_view path) {
  const Value* at = &schema;
  for (absl::string_view name : absl::StrSplit(absl::StripPrefix(path, "."), '.')) {
    at = &(*at)["properties"][name];
  }
  return *at;
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
    if (absl::StartsWith(path.str(), ".metadata")) {
      Add(path, {"must not point to fields in metadata"}, errors);
    } else if (target.is_null()) {
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

// `versions` as the reference prints its internal form, from which schemas and the like are
// hoisted.
PrintedValue PrintVersions(const Value& versions) {
  if (versions.is_null()) return {"null"};
  std::vector<std::string> items;
  for (const Value& version : versions.items()) {
    const auto flag = [&](const char* name) {
      return version[name].bool_or(false) ? "true" : "false";
    };
    items.push_back(absl::StrCat(
        "{\"Name\":", value::FormatJson(version["name"]), ",\"Served\":", flag("served"),
        ",\"Storage\":", flag("storage"), ",\"Deprecated\":", flag("deprecated"),
        ",\"DeprecationWarning\":", value::FormatJson(version["deprecationWarning"]),
        ",\"Schema\":null,\"Subresources\":null,\"AdditionalPrinterColumns\":null,"
        "\"SelectableFields\":null}"));
  }
  return {absl::StrCat("[", absl::StrJoin(items, ","), "]")};
}

// Whether all versions say the same of `key`; then the reference keeps it above the versions.
bool Hoisted(const Value& versions, const char* key) {
  return std::all_of(versions.items().begin(), versions.items().end(),
                     [&](const Value& version) { return version[key] == versions.at(0)[key]; });
}

class DefinitionChecker {
 public:
  DefinitionChecker(const Field& spec, const Schema& object_meta, FieldErrors& errors)
      : spec_(spec),
        object_meta_(object_meta),
        versions_(spec.value["versions"]),
        errors_(errors),
        schema_hoisted_(Hoisted(versions_, "schema")),
        columns_hoisted_(Hoisted(versions_, "additionalPrinterColumns")),
        subresources_hoisted_(Hoisted(versions_, "subresources")),
        fields_hoisted_(Hoisted(versions_, "selectableFields")) {}

  void Check() {
    CheckGroup();
    CheckListed(spec_["scope"], {"Cluster", "Namespaced"}, errors_);
    CheckSchemasAreThere();
    CheckVersions();
    ValidateNames(spec_["names"], errors_);
    if (!versions_.empty()) CheckHoisted();
    ValidateConversion(spec_["conversion"], errors_);
  }

 private:
  void CheckGroup() {
    const Field group = spec_["group"];
    if (!MustBePresent(group, errors_)) return;
    const Messages messages = CheckDnsSubdomain(group.str());
    if (!messages.empty()) {
      Add(group, {Joined(messages)}, errors_);
    } else if (!absl::StrContains(group.str(), ".")) {
      Add(group, {"should be a domain with at least one dot"}, errors_);
    }
  }

  void CheckSchemasAreThere() {
    const Field versions = spec_["versions"];
    for (size_t i = 0; i < versions_.size(); ++i) {
      if (!versions_.at(i)["schema"]["openAPIV3Schema"].is_null()) continue;
      const FieldPath version = versions.path.Index(i);
      const FieldPath path = version.Child("schema.openAPIV3Schema");
      errors_.push_back(Required(path));
    }
  }

  void CheckVersions() {
    const Field versions = spec_["versions"];
    std::set<std::string> names;
    int stored = 0;
    for (size_t i = 0; i < versions_.size(); ++i) {
      const Field version = versions.At(i);
      names.emplace(version.value["name"].str());
      if (version.value["storage"].bool_or(false)) ++stored;
      const Field name = version["name"];
      const Messages messages = CheckDns1035Label(name.str());
      if (!messages.empty()) Add(name, {Joined(messages)}, errors_);
      ValidateDeprecation(version, errors_);
      const bool has_status = version.value["subresources"]["status"].is_object();
      if (!schema_hoisted_) {
        const Field schema = version["schema"];
        CheckSchema(schema["openAPIV3Schema"], has_status);
      }
      if (!subresources_hoisted_) ValidateSubresources(version["subresources"], errors_);
      if (!columns_hoisted_) ValidateColumns(version["additionalPrinterColumns"], errors_);
      if (!fields_hoisted_) CheckSelectable(version["selectableFields"], i, schema_hoisted_);
    }
    if (names.size() != versions_.size()) {
      errors_.push_back(InvalidValue(versions.path, PrintVersions(versions_),
                                     "must contain unique version names"));
    }
    if (stored != 1) {
      errors_.push_back(InvalidValue(versions.path, PrintVersions(versions_),
                                     "must have exactly one version marked as storage version"));
    }
    if (versions_.empty()) return;
    const FieldPath first = spec_.path.Child("version");
    const Messages messages = CheckDns1035Label(versions_.at(0)["name"].str());
    if (!messages.empty()) {
      errors_.push_back(InvalidValue(first, versions_.at(0)["name"], Joined(messages)));
    }
  }

  void CheckHoisted() {
    const Value& version = versions_.at(0);
    const bool has_status =
        std::any_of(versions_.items().begin(), versions_.items().end(),
                    [](const Value& one) { return one["subresources"]["status"].is_object(); });
    if (schema_hoisted_) {
      const FieldPath path = spec_.path.Child("validation.openAPIV3Schema");
      CheckSchema({version["schema"]["openAPIV3Schema"], path}, has_status);
    }
    if (subresources_hoisted_) {
      ValidateSubresources({version["subresources"], spec_.path.Child("subresources")}, errors_);
    }
    if (columns_hoisted_) {
      ValidateColumns(
          {version["additionalPrinterColumns"], spec_.path.Child("additionalPrinterColumns")},
          errors_);
    }
    if (fields_hoisted_) {
      // The reference does not look for the schema where it left it in the versions.
      CheckSelectable({version["selectableFields"], spec_.path.Child("selectableFields")}, 0,
                      !schema_hoisted_);
    }
  }

  void CheckSchema(const Field& schema, bool has_status) {
    if (schema.absent()) return;
    ValidateDefinitionSchema(schema, has_status, object_meta_, errors_);
  }

  void CheckSelectable(const Field& fields, size_t version, bool schema_is_elsewhere) {
    static const Value kNone;
    const Value& schema = versions_.at(version)["schema"]["openAPIV3Schema"];
    ValidateSelectableFields(fields, schema_is_elsewhere ? kNone : schema, errors_);
  }

  const Field& spec_;
  const Schema& object_meta_;
  const Value& versions_;
  FieldErrors& errors_;
  const bool schema_hoisted_;
  const bool columns_hoisted_;
  const bool subresources_hoisted_;
  const bool fields_hoisted_;
};

// The versions in which objects are stored must stay.
void ValidateStoredVersions(const Field& crd, FieldErrors& errors) {
  const Field status = crd["status"];
  const Field stored = status["storedVersions"];
  if (stored.value.empty()) {
    errors.push_back(
        InvalidValue(stored.path, PrintedValue{"null"}, "must have at least one stored version"));
  }
  for (size_t i = 0; i < stored.value.size(); ++i) {
    const Field name = stored.At(i);
    const auto versions = crd.value["spec"]["versions"].items();
    if (std::any_of(versions.begin(), versions.end(),
                    [&](const Value& version) { return version["name"] == name.value; })) {
      continue;
    }
    Add(name,
        {absl::StrCat("missing from spec.versions; ", name.str(),
                      " was previously a storage version, and must remain in spec.versions until a "
                      "storage migration ensures no data remains persisted in ",
                      name.str(), " and removes ", name.str(), " from status.storedVersions")},
        errors);
  }
}

// Groups of the Kubernetes community need its approval.
void ValidateApproval(const Field& crd, FieldErrors& errors) {
  const absl::string_view group = crd.value["spec"]["group"].str();
  if (!absl::EndsWith(group, ".k8s.io") && !absl::EndsWith(group, ".kubernetes.io")) return;
  const Field metadata = crd["metadata"];
  if (!metadata.value["annotations"][kApproval].str().empty()) return;
  const FieldPath annotations = metadata.path.Child("annotations");
  const FieldPath path = annotations.Key(kApproval);
  errors.push_back(
      Required(path, absl::StrCat("protected groups must have approval annotation \"", kApproval,
                                  "\", see https://github.com/kubernetes/enhancements/pull/1111")));
}

void ValidateImmutable(const Value& old, const Field& field, FieldErrors& errors) {
  if (old != field.value) Add(field, {"field is immutable"}, errors);
}

bool Established(const Value& crd) {
  for (const Value& condition : crd["status"]["conditions"].items()) {
    if (condition["type"].str() == "Established") return condition["status"].str() == "True";
  }
  return false;
}

void CollectFormats(const Value& schema, std::set<std::string>& unknown) {
  if (!schema.is_object()) return;
  const absl::string_view format = schema["format"].str();
  if (!format.empty() && !IsKnownFormat(format)) unknown.emplace(format);
  CollectFormats(schema["items"], unknown);
  CollectFormats(schema["additionalProperties"], unknown);
  for (const value::Member& member : schema["properties"].members()) {
    CollectFormats(member.value, unknown);
  }
}

}  // namespace

void ValidateDefinition(const Field& crd, const Schema& object_meta, FieldErrors& errors) {
  const Field metadata = crd["metadata"];
  const Field name = metadata["name"];
  const Field spec = crd["spec"];
  if (name.str() !=
      absl::StrCat(spec.value["names"]["plural"].str(), ".", spec.value["group"].str())) {
    Add(name, {"must be spec.names.plural+\".\"+spec.group"}, errors);
  }
  DefinitionChecker(spec, object_meta, errors).Check();
  ValidateStoredVersions(crd, errors);
  ValidateApproval(crd, errors);
  const Field preserve = spec["preserveUnknownFields"];
  if (preserve.value.bool_or(false)) {
    Add(preserve,
        {"cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
         "spec.versions[*].schema instead"},
        errors);
  }
}

void ValidateDefinitionUpdate(const Field& old, const Field& crd, const Schema& object_meta,
                              FieldErrors& errors) {
  const Field spec = crd["spec"];
  if (old.value["spec"] != spec.value) DefinitionChecker(spec, object_meta, errors).Check();
  const Field names = spec["names"];
  const Value& before = old.value["spec"];
  if (Established(old.value)) {
    ValidateImmutable(before["scope"], spec["scope"], errors);
    ValidateImmutable(before["names"]["kind"], names["kind"], errors);
  }
  ValidateImmutable(before["group"], spec["group"], errors);
  ValidateImmutable(before["names"]["plural"], names["plural"], errors);
  ValidateStoredVersions(crd, errors);
  if (before["group"] != spec.value["group"]) ValidateApproval(crd, errors);
}

std::vector<std::string> DefinitionWarnings(const Value& crd) {
  std::set<std::string> unknown;
  for (const Value& version : crd["spec"]["versions"].items()) {
    CollectFormats(version["schema"]["openAPIV3Schema"], unknown);
  }
  std::vector<std::string> warnings;
  for (const std::string& format : unknown) {
    warnings.push_back(absl::StrCat("unrecognized format \"", format, "\""));
  }
  return warnings;
}

}  // namespace sluice::devapi
