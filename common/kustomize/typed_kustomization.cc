// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/typed_kustomization.h"

#include <span>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"
#include "common/value/yaml_scalar.h"

namespace sluice::kustomize {
namespace {

enum class Type : uint8_t { kText, kTexts, kTextMap, kBool, kNumber, kStruct, kStructs, kAnything };

struct FieldRow;
using Fields = std::span<const FieldRow>;

struct FieldRow {
  absl::string_view name;
  Type type = Type::kText;
  Fields (*fields)() = nullptr;  // of a struct or the structs of a list
  // What is printed when the field is absent or empty: usually nothing.
  enum class Empty : uint8_t { kOmit, kPrint, kNull } empty = Empty::kOmit;
};
using Empty = FieldRow::Empty;

#define FIELDS(name, ...)                              \
  Fields name() {                                      \
    static constexpr FieldRow kRows[] = {__VA_ARGS__}; \
    return kRows;                                      \
  }

FIELDS(ObjectMetaFields, {"name"}, {"namespace"}, {"labels", Type::kTextMap},
       {"annotations", Type::kTextMap})
FIELDS(FieldSpecFields, {"group"}, {"version"}, {"kind"}, {"path"}, {"create", Type::kBool})
FIELDS(LabelFields, {"pairs", Type::kTextMap}, {"includeSelectors", Type::kBool},
       {"includeTemplates", Type::kBool}, {"fields", Type::kStructs, FieldSpecFields})
FIELDS(SelectorFields, {"group"}, {"version"}, {"kind"}, {"name"}, {"namespace"},
       {"annotationSelector"}, {"labelSelector"})
FIELDS(PatchOptionFields, {"allowNameChange", Type::kBool}, {"allowKindChange", Type::kBool})
FIELDS(PatchFields, {"path"}, {"patch"}, {"target", Type::kStruct, SelectorFields},
       {"options", Type::kStruct, PatchOptionFields})
FIELDS(ImageFields, {"name"}, {"newName"}, {"tagSuffix"}, {"newTag"}, {"digest"})
FIELDS(FieldOptionFields, {"delimiter"}, {"index", Type::kNumber}, {"encoding"},
       {"create", Type::kBool})
FIELDS(SourceFields, {"group"}, {"version"}, {"kind"}, {"name"}, {"namespace"}, {"fieldPath"},
       {"options", Type::kStruct, FieldOptionFields})
FIELDS(TargetFields, {"select", Type::kStruct, SelectorFields, Empty::kNull},
       {"reject", Type::kStructs, SelectorFields}, {"fieldPaths", Type::kTexts},
       {"options", Type::kStruct, FieldOptionFields})
FIELDS(ReplacementFields, {"source", Type::kStruct, SourceFields},
       {"targets", Type::kStructs, TargetFields}, {"sourceValue"}, {"path"})
FIELDS(ReplicaFields, {"name"}, {"count", Type::kNumber, nullptr, Empty::kPrint})
FIELDS(VarObjectFields, {"apiVersion"}, {"group"}, {"version"}, {"kind"},
       {"name", Type::kText, nullptr, Empty::kPrint}, {"namespace"})
FIELDS(VarFieldFields, {"fieldPath"})
FIELDS(VarFields, {"name", Type::kText, nullptr, Empty::kPrint},
       {"objref", Type::kStruct, VarObjectFields, Empty::kPrint},
       {"fieldref", Type::kStruct, VarFieldFields, Empty::kPrint})
FIELDS(LegacySortFields, {"orderFirst", Type::kTexts, nullptr, Empty::kNull},
       {"orderLast", Type::kTexts, nullptr, Empty::kNull})
FIELDS(SortFields, {"order"}, {"legacySortOptions", Type::kStruct, LegacySortFields})
FIELDS(GeneratorOptionFields, {"labels", Type::kTextMap}, {"annotations", Type::kTextMap},
       {"disableNameSuffixHash", Type::kBool}, {"immutable", Type::kBool})
FIELDS(ConfigMapFields, {"namespace"}, {"name"}, {"behavior"}, {"literals", Type::kTexts},
       {"files", Type::kTexts}, {"envs", Type::kTexts}, {"env"},
       {"options", Type::kStruct, GeneratorOptionFields})
FIELDS(SecretFields, {"namespace"}, {"name"}, {"behavior"}, {"literals", Type::kTexts},
       {"files", Type::kTexts}, {"envs", Type::kTexts}, {"env"},
       {"options", Type::kStruct, GeneratorOptionFields}, {"type"})
FIELDS(HelmGlobalFields, {"chartHome"}, {"configHome"})
FIELDS(KustomizationFields, {"apiVersion"}, {"kind"}, {"metadata", Type::kStruct, ObjectMetaFields},
       {"openapi", Type::kTextMap}, {"namePrefix"}, {"nameSuffix"}, {"namespace"},
       {"commonLabels", Type::kTextMap}, {"labels", Type::kStructs, LabelFields},
       {"commonAnnotations", Type::kTextMap}, {"patchesStrategicMerge", Type::kTexts},
       {"patchesJson6902", Type::kStructs, PatchFields}, {"patches", Type::kStructs, PatchFields},
       {"images", Type::kStructs, ImageFields}, {"imageTags", Type::kStructs, ImageFields},
       {"replacements", Type::kStructs, ReplacementFields},
       {"replicas", Type::kStructs, ReplicaFields}, {"vars", Type::kStructs, VarFields},
       {"sortOptions", Type::kStruct, SortFields}, {"resources", Type::kTexts},
       {"components", Type::kTexts}, {"crds", Type::kTexts}, {"bases", Type::kTexts},
       {"configMapGenerator", Type::kStructs, ConfigMapFields},
       {"secretGenerator", Type::kStructs, SecretFields},
       {"helmGlobals", Type::kStruct, HelmGlobalFields}, {"helmCharts", Type::kAnything},
       {"helmChartInflationGenerator", Type::kAnything},
       {"generatorOptions", Type::kStruct, GeneratorOptionFields}, {"configurations", Type::kTexts},
       {"generators", Type::kTexts}, {"transformers", Type::kTexts}, {"validators", Type::kTexts},
       {"buildMetadata", Type::kTexts})
#undef FIELDS

absl::Status Mismatch(absl::string_view path, absl::string_view wanted) {
  return absl::InvalidArgumentError(
      absl::StrCat("json: cannot unmarshal field ", path, ": it must be ", wanted));
}

absl::StatusOr<Value> Text(const Value& value, absl::string_view path) {
  if (value.is_string()) return value;
  if (value.is_null()) return Value("");
  if (value.is_bool()) return Value(value.bool_or(false) ? "true" : "false");
  if (value.is_integer()) return Value(value::FormatJson(value));
  if (value.is_number()) return Value(value::FormatYamlFloat(value.double_or(0)));
  return Mismatch(path, "a string");
}

absl::StatusOr<Value> Struct(const Value& value, Fields fields, const std::string& path);

absl::StatusOr<Value> Typed(const Value& value, const FieldRow& row, const std::string& path) {
  switch (row.type) {
    case Type::kText:
      return Text(value, path);
    case Type::kBool:
      if (!value.is_bool()) return Mismatch(path, "true or false");
      return value;
    case Type::kNumber:
      if (value.kind() != Value::Kind::kInt) return Mismatch(path, "a whole number");
      return value;
    case Type::kTexts: {
      if (!value.is_array()) return Mismatch(path, "a list of strings");
      Value list = Value::EmptyArray();
      for (const Value& item : value.items()) {
        ASSIGN_OR_RETURN(Value text, Text(item, path));
        list.Append(std::move(text));
      }
      return list;
    }
    case Type::kTextMap: {
      if (!value.is_object()) return Mismatch(path, "a map of strings");
      Value map = Value::EmptyObject();
      for (const value::Member& member : value.members()) {
        ASSIGN_OR_RETURN(Value text, Text(member.value, absl::StrCat(path, ".", member.key)));
        map.Set(member.key, std::move(text));
      }
      return map;
    }
    case Type::kStruct:
      return Struct(value, row.fields(), path);
    case Type::kStructs: {
      if (!value.is_array()) return Mismatch(path, "a list of maps");
      Value list = Value::EmptyArray();
      for (const Value& item : value.items()) {
        ASSIGN_OR_RETURN(Value one, Struct(item, row.fields(), path));
        list.Append(std::move(one));
      }
      return list;
    }
    case Type::kAnything:
      break;
  }
  return value;
}

bool IsEmpty(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return true;
    case Value::Kind::kBool:
      return !value.bool_or(true);
    case Value::Kind::kInt:
      return value.int_or(1) == 0;
    case Value::Kind::kString:
      return value.str().empty();
    case Value::Kind::kArray:
    case Value::Kind::kObject:
      return value.empty();
    default:
      return false;
  }
}

Value Zero(const FieldRow& row) {
  switch (row.type) {
    case Type::kNumber:
      return 0;
    case Type::kStruct: {
      Value zero = Value::EmptyObject();
      for (const FieldRow& field : row.fields()) {
        if (field.empty == Empty::kPrint) zero.Set(field.name, Zero(field));
      }
      return zero;
    }
    default:
      return "";
  }
}

absl::StatusOr<Value> Struct(const Value& value, Fields fields, const std::string& path) {
  if (!value.is_object() && !value.is_null()) return Mismatch(path, "a map");
  Value result = Value::EmptyObject();
  for (const FieldRow& row : fields) {
    Value typed;
    for (const value::Member& member : value.members()) {
      if (!absl::EqualsIgnoreCase(member.key, row.name) || member.value.is_null()) continue;
      ASSIGN_OR_RETURN(
          typed, Typed(member.value, row,
                       path.empty() ? std::string(row.name) : absl::StrCat(path, ".", row.name)));
    }
    // A struct that is there is printed even if it says nothing.
    const bool keep = !typed.is_null() && (row.type == Type::kStruct || !IsEmpty(typed));
    if (keep) {
      result.Set(row.name, std::move(typed));
    } else if (row.empty == Empty::kNull) {
      result.Set(row.name, Value());
    } else if (row.empty == Empty::kPrint) {
      result.Set(row.name, Zero(row));
    }
  }
  return result;
}

}  // namespace

absl::StatusOr<Value> TypedKustomization(const Value& document) {
  ASSIGN_OR_RETURN(Value typed, Struct(document, KustomizationFields(), ""));
  const auto given = [&document](absl::string_view name) {
    for (const value::Member& member : document.members()) {
      if (absl::EqualsIgnoreCase(member.key, name) && !member.value.is_null()) return true;
    }
    return false;
  };
  if (!given("apiVersion")) typed.Set("apiVersion", "kustomize.config.k8s.io/v1beta1");
  if (!given("kind")) typed.Set("kind", "Kustomization");
  return typed;
}

}  // namespace sluice::kustomize
