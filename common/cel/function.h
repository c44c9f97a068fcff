// The functions: one record each, in families; TheTable() in function.cc is the one list of these.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"
#include "common/cel/features.h"
#include "common/cel/type.h"
#include "common/cel/value.h"

namespace sluice::cel {

// `args` has the receiver first, if there is one, and no errors. NoMatch() if the function is not
// made for values of these kinds.
using Implementation = Value (*)(std::span<const Value> args, Arena& arena);
Value NoMatch();
bool IsNoMatch(const Value& value);

// How to say that a function is not made for its arguments, when the checker did not say so before.
enum class Mismatch : uint8_t {
  kSignature,  // "no such overload: join(int, string)"
  kNamed,      // "no such overload: size"
  kPlain,      // "no such overload"
};

// One way to call a function.
struct Overload {
  std::string id;
  bool member = false;  // with a receiver, the first of `args`
  std::vector<TypePtr> args;
  TypePtr result;
  Implementation call = nullptr;
};

struct Function {
  // `signatures` are "id: type, type -> type", with a "." before the first type of a member. An
  // implementation is for all of them.
  Function(absl::string_view name, std::vector<absl::string_view> signatures, Implementation call,
           Mismatch mismatch = Mismatch::kSignature);

  std::string name;
  std::vector<Overload> overloads;
  Implementation call;
  Mismatch mismatch;
  bool Features::*needs = nullptr;  // the library it belongs to; null: always there
};

// operators.cc: arithmetic, order, membership. && || ?: == != [] and select are steps of their own.
std::vector<Function> OperatorFunctions();
// conversions.cc: int(), string(), type(), …
std::vector<Function> ConversionFunctions();
// strings.cc: contains, matches, size, and the strings extension.
std::vector<Function> StringFunctions();
// times.cc: the parts of points in time and durations.
std::vector<Function> TimeFunctions();
// collections.cc: sets, base64, map insertion.
std::vector<Function> CollectionFunctions();
// optionals.cc: optional.of, value, …
std::vector<Function> OptionalFunctions();
// lists.cc: of Kubernetes (sum, min, …) and cel-go (sort, slice, …).
std::vector<Function> ListFunctions();
// quantities.cc, networks.cc, urls.cc, versions.cc, named_formats.cc, regexes.cc: Kubernetes.
std::vector<Function> QuantityFunctions();
std::vector<Function> NetworkFunctions();
std::vector<Function> UrlFunctions();
std::vector<Function> VersionFunctions();
std::vector<Function> NamedFormatFunctions();
std::vector<Function> RegexFunctions();

// Every function of `name`: one record for each family that has it. Thread-safe.
std::span<const Function* const> FindFunctions(absl::string_view name);
bool IsAvailable(const Function& function, const Features& features);

// "no such overload…" as the records say it.
Value MismatchError(absl::string_view name, Mismatch mismatch, std::span<const Value> args,
                    Arena& arena);

}  // namespace sluice::cel
