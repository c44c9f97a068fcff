// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/semver/constraint.h"
#include "common/semver/version.h"
#include "common/sprig/convert.h"
#include "common/sprig/sprig.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::Kind;
using gotmpl::Type;
using gotmpl::Value;
using semver::Version;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

class VersionObject : public gotmpl::Object {
 public:
  explicit VersionObject(Version version) : version(std::move(version)) {}

  Value GetField(size_t index) const override {
    switch (index) {
      case 0:
        return Value::Uint64(version.major());
      case 1:
        return Value::Uint64(version.minor());
      case 2:
        return Value::Uint64(version.patch());
      case 3:
        return Value::String(version.prerelease());
      case 4:
        return Value::String(version.metadata());
      default:
        return Value::String(version.text());
    }
  }

  const Version version;
};

// The version of a value of one of the two types below; 0.0.0 of a nil pointer.
const Version& VersionOf(const Value& value) {
  static const Version& none = *new Version();
  const auto* object = static_cast<const VersionObject*>(value.object().get());
  return object == nullptr ? none : object->version;
}

const Type& StructType();
const Type& PointerType();

Value FromVersion(const Type& type, Version version) {
  return Value::ObjectOf(type, std::make_shared<VersionObject>(std::move(version)));
}

Function Text(absl::string_view name, std::string (*code)(const Version&)) {
  return {.name = name, .result = &types::kString, .code = [code](Call& call) -> Result {
            return Value::String(code(VersionOf(call[0])));
          }};
}

Function Number(absl::string_view name, uint64_t (Version::*code)() const) {
  return {.name = name, .result = &types::kUint64, .code = [code](Call& call) -> Result {
            return Value::Uint64((VersionOf(call[0]).*code)());
          }};
}

Function Next(absl::string_view name, absl::StatusOr<Version> (Version::*code)() const) {
  return {.name = name, .result = &StructType(), .code = [code](Call& call) -> Result {
            ASSIGN_OR_RETURN(Version next, (VersionOf(call[0]).*code)());
            return FromVersion(StructType(), std::move(next));
          }};
}

Function Changed(absl::string_view name,
                 absl::StatusOr<Version> (Version::*code)(absl::string_view) const) {
  return {.name = name,
          .parameters = {&types::kString},
          .result = &StructType(),
          .code = [code](Call& call) -> Result {
            ASSIGN_OR_RETURN(Version changed, (VersionOf(call[0]).*code)(call.text(1)));
            return FromVersion(StructType(), std::move(changed));
          }};
}

Function Comparison(absl::string_view name, bool (*code)(const Version&, const Version&)) {
  return {.name = name,
          .parameters = {&PointerType()},
          .result = &types::kBool,
          .code = [code](Call& call) -> Result {
            if (call[0].is_nil() || call[1].is_nil()) return NilDereference();
            return Value::Bool(code(VersionOf(call[0]), VersionOf(call[1])));
          }};
}

Function Bytes(absl::string_view name, std::string (*code)(const Version&)) {
  return {.name = name, .result = &types::kBytes, .code = [code](Call& call) -> Result {
            return Value::Bytes(code(VersionOf(call[0])));
          }};
}

std::string Canonical(const Version& version) { return version.Canonical(); }
std::string CanonicalText(const Value& value) { return VersionOf(value).Canonical(); }

std::vector<Function> ValueMethods() {
  return {
      Number("Major", &Version::major),
      Number("Minor", &Version::minor),
      Number("Patch", &Version::patch),
      Text("Prerelease", [](const Version& version) { return version.prerelease(); }),
      Text("Metadata", [](const Version& version) { return version.metadata(); }),
      Text("String", Canonical),
      Text("Value", Canonical),
      Bytes("MarshalText", Canonical),
      Bytes("MarshalJSON", [](const Version& version) { return '"' + version.Canonical() + '"'; }),
      Next("IncMajor", &Version::NextMajor),
      Next("IncMinor", &Version::NextMinor),
      Next("IncPatch", &Version::NextPatch),
      Changed("SetPrerelease", &Version::WithPrerelease),
      Changed("SetMetadata", &Version::WithMetadata),
  };
}

std::vector<Function> PointerMethods() {
  std::vector<Function> methods = ValueMethods();
  methods.push_back(Text("Original", [](const Version& version) { return version.text(); }));
  methods.push_back({.name = "Compare",
                     .parameters = {&PointerType()},
                     .result = &types::kInt,
                     .code = [](Call& call) -> Result {
                       if (call[0].is_nil() || call[1].is_nil()) return NilDereference();
                       const Version& a = VersionOf(call[0]);
                       const Version& b = VersionOf(call[1]);
                       return Value::Int(a < b ? -1 : a > b ? 1 : 0);
                     }});
  methods.push_back(Comparison("Equal", [](const Version& a, const Version& b) { return a == b; }));
  methods.push_back(
      Comparison("LessThan", [](const Version& a, const Version& b) { return a < b; }));
  methods.push_back(
      Comparison("LessThanEqual", [](const Version& a, const Version& b) { return a <= b; }));
  methods.push_back(
      Comparison("GreaterThan", [](const Version& a, const Version& b) { return a > b; }));
  methods.push_back(
      Comparison("GreaterThanEqual", [](const Version& a, const Version& b) { return a >= b; }));
  return methods;
}

// The two types refer to each other, and their methods to both: their addresses are known before
// the methods are.
struct VersionTypes {
  static constexpr gotmpl::Field kFields[] = {
      {.name = "major", .type = &types::kUint64},    {.name = "minor", .type = &types::kUint64},
      {.name = "patch", .type = &types::kUint64},    {.name = "pre", .type = &types::kString},
      {.name = "metadata", .type = &types::kString}, {.name = "original", .type = &types::kString}};
  Type value{.kind = Kind::kStruct,
             .name = "semver.Version",
             .fields = kFields,
             .text = CanonicalText,
             .marshal_text = CanonicalText};
  Type pointer{.kind = Kind::kPointer,
               .name = "*semver.Version",
               .text = CanonicalText,
               .marshal_text = CanonicalText};
};

VersionTypes& Types() {
  static VersionTypes& both = *new VersionTypes();
  return both;
}

const Type& StructType() { return Types().value; }
const Type& PointerType() { return Types().pointer; }

// Fills in the methods, once.
void DefineTypes() {
  static const bool defined = [] {
    static const std::vector<Function>& of_values = *new std::vector<Function>(ValueMethods());
    static const std::vector<Function>& of_pointers = *new std::vector<Function>(PointerMethods());
    VersionTypes& both = Types();
    both.value.pointer = &both.pointer;
    both.pointer.elem = &both.value;
    both.value.methods = of_values;
    both.pointer.methods = of_pointers;
    return true;
  }();
  static_cast<void>(defined);
}

Result Semver(Call& call) {
  ASSIGN_OR_RETURN(Version version, Version::Parse(call.text(0)));
  return FromVersion(PointerType(), std::move(version));
}

Result SemverCompare(Call& call) {
  ASSIGN_OR_RETURN(const semver::Constraint constraint, semver::Constraint::Parse(call.text(0)));
  ASSIGN_OR_RETURN(const Version version, Version::Parse(call.text(1)));
  return Value::Bool(constraint.Matches(version));
}

}  // namespace

std::vector<Function> VersionFunctions() {
  DefineTypes();
  return {{.name = "semver",
           .parameters = {&types::kString},
           .result = &PointerType(),
           .doc = "The version in the text, an object with its parts.",
           .code = Semver},
          {.name = "semverCompare",
           .parameters = {&types::kString, &types::kString},
           .result = &types::kBool,
           .doc = "Whether the version in the second text satisfies the constraint in the first.",
           .code = SemverCompare}};
}

}  // namespace sluice::sprig
