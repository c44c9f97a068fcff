// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/definitions.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/devapi/builtin_validation/definition_parts.h"
#include "common/devapi/builtin_validation/definition_schema.h"
#include "common/devapi/schema/formats.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr absl::string_view kApproval = "api-approved.kubernetes.io";

std::string Joined(const Messages& messages) { return absl::StrJoin(messages, ","); }

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
