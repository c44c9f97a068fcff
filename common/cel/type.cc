// SPDX-License-Identifier: Apache-2.0
#include "common/cel/type.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace sluice::cel {
namespace {

struct Named {
  absl::string_view name;
  Type::Kind kind;
};
constexpr Named kNames[] = {
    {"dyn", Type::Kind::kDyn},          {"!error!", Type::Kind::kError},
    {"null", Type::Kind::kNull},        {"bool", Type::Kind::kBool},
    {"int", Type::Kind::kInt},          {"uint", Type::Kind::kUint},
    {"double", Type::Kind::kDouble},    {"string", Type::Kind::kString},
    {"bytes", Type::Kind::kBytes},      {"timestamp", Type::Kind::kTimestamp},
    {"duration", Type::Kind::kDuration}};

TypePtr Make(Type::Kind kind, absl::string_view name, std::vector<TypePtr> params) {
  auto type = std::make_shared<Type>();
  type->kind = kind;
  type->name = std::string(name);
  type->params = std::move(params);
  return type;
}

class TypeParser {
 public:
  explicit TypeParser(absl::string_view text) : rest_(text) {}

  TypePtr Run() {
    const size_t end = rest_.find_first_of("(), ");
    const absl::string_view name = rest_.substr(0, end);
    rest_.remove_prefix(name.size());
    std::vector<TypePtr> params;
    if (absl::ConsumePrefix(&rest_, "(")) {
      do {
        rest_ = absl::StripLeadingAsciiWhitespace(rest_);
        params.push_back(Run());
      } while (absl::ConsumePrefix(&rest_, ","));
      if (!absl::ConsumePrefix(&rest_, ")")) std::abort();
    }
    for (const Named& named : kNames) {
      if (named.name == name) return SimpleType(named.kind);
    }
    if (name == "list") return Make(Type::Kind::kList, name, std::move(params));
    if (name == "map") return Make(Type::Kind::kMap, name, std::move(params));
    if (name == "type") return Make(Type::Kind::kType, name, std::move(params));
    if (name == "optional") return OptionalOf(params.at(0));
    if (name.size() == 1 && absl::ascii_isupper(static_cast<unsigned char>(name[0]))) {
      return ParamType(name);
    }
    if (name.find('.') == absl::string_view::npos) std::abort();
    return OpaqueType(name, std::move(params));
  }

 private:
  absl::string_view rest_;
};

}  // namespace

TypePtr SimpleType(Type::Kind kind) {
  static const std::vector<TypePtr>* const kTypes = [] {
    auto* const types = new std::vector<TypePtr>;
    for (const Named& named : kNames) types->push_back(Make(named.kind, named.name, {}));
    return types;
  }();
  for (const TypePtr& type : *kTypes) {
    if (type->kind == kind) return type;
  }
  std::abort();
}

TypePtr ListOf(TypePtr element) { return Make(Type::Kind::kList, "list", {std::move(element)}); }
TypePtr MapOf(TypePtr key, TypePtr value) {
  return Make(Type::Kind::kMap, "map", {std::move(key), std::move(value)});
}
TypePtr OptionalOf(TypePtr value) {
  return Make(Type::Kind::kOpaque, "optional_type", {std::move(value)});
}
TypePtr TypeOf(TypePtr type) {
  std::vector<TypePtr> params;
  if (type != nullptr) params.push_back(std::move(type));
  return Make(Type::Kind::kType, "type", std::move(params));
}
TypePtr OpaqueType(absl::string_view name, std::vector<TypePtr> params) {
  return Make(Type::Kind::kOpaque, name, std::move(params));
}
TypePtr StructType(absl::string_view name, const Schema* schema) {
  auto type = std::make_shared<Type>();
  type->kind = Type::Kind::kStruct;
  type->name = std::string(name);
  type->schema = schema;
  return type;
}
TypePtr ParamType(absl::string_view name) { return Make(Type::Kind::kParam, name, {}); }

std::string FormatType(const Type& type) {
  if (type.params.empty()) return type.name;
  std::string text = absl::StrCat(type.name, "(");
  for (size_t i = 0; i < type.params.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", FormatType(*type.params[i]));
  }
  return text + ")";
}

bool SameType(const Type& a, const Type& b) {
  if (&a == &b) return true;
  if (a.kind != b.kind || a.name != b.name || a.params.size() != b.params.size()) return false;
  for (size_t i = 0; i < a.params.size(); ++i) {
    if (!SameType(*a.params[i], *b.params[i])) return false;
  }
  return true;
}

bool IsOptional(const Type& type) {
  return type.kind == Type::Kind::kOpaque && type.name == "optional_type";
}

TypePtr ParseType(absl::string_view text) { return TypeParser(text).Run(); }

TypePtr NamedType(absl::string_view name, const Features& features) {
  for (const Type::Kind kind : {Type::Kind::kBool, Type::Kind::kInt, Type::Kind::kUint,
                                Type::Kind::kDouble, Type::Kind::kString, Type::Kind::kBytes}) {
    if (SimpleType(kind)->name == name) return SimpleType(kind);
  }
  const TypePtr dyn = SimpleType(Type::Kind::kDyn);
  if (name == "list") return ListOf(dyn);
  if (name == "map") return MapOf(dyn, dyn);
  if (name == "type") return TypeOf(nullptr);
  if (name == "null_type") return SimpleType(Type::Kind::kNull);
  if (name == "optional_type") return OptionalOf(dyn);
  if (name == "google.protobuf.Timestamp") return SimpleType(Type::Kind::kTimestamp);
  if (name == "google.protobuf.Duration") return SimpleType(Type::Kind::kDuration);
  if (!features.kubernetes) return nullptr;
  for (const absl::string_view opaque :
       {"kubernetes.URL", "kubernetes.Quantity", "kubernetes.Semver", "kubernetes.NamedFormat",
        "net.IP", "net.CIDR"}) {
    if (opaque == name) return OpaqueType(opaque);
  }
  return nullptr;
}

}  // namespace sluice::cel
