// What a YAML scalar means: go-yaml's resolution of plain text and of the core tags, for both
// generations. v2 (sigs.k8s.io/yaml: Kubernetes, Helm) knows YAML 1.1's yes/no/on/off; v3 (kyaml:
// kustomize) only true/false and 0o octals. Both read 0644 as octal, drop "_" from numbers and take
// dates for timestamps.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::value {

enum class YamlDialect : uint8_t { kV2, kV3 };

struct YamlScalar {
  enum class Kind : uint8_t { kNull, kBool, kInt, kUint, kFloat, kTimestamp, kMerge, kString };

  Kind kind = Kind::kString;  // of kTimestamp, kMerge and kString the text itself is the value
  bool boolean = false;
  int64_t integer = 0;
  uint64_t unsigned_integer = 0;  // kUint: above INT64_MAX
  double number = 0;
};

// An untagged plain scalar.
YamlScalar ResolveYamlScalar(absl::string_view text, YamlDialect dialect);

// A scalar under a short tag ("!!int", "!!str", "!custom"); tags other than the core ones are
// strings. kInvalidArgument ("cannot decode !!str `x` as a !!int") when the text does not fit.
absl::StatusOr<YamlScalar> ResolveTaggedYamlScalar(absl::string_view tag, absl::string_view text,
                                                   YamlDialect dialect);

// "!!str", "!!int", ... of a resolved scalar.
absl::string_view YamlTagOf(const YamlScalar& scalar);

// "tag:yaml.org,2002:x" as "!!x"; anything else unchanged.
std::string ShortYamlTag(absl::string_view tag);

// Go's strconv.FormatFloat(number, 'g', -1, bits), bits 32 or 64, with YAML's names for NaN and the
// infinities.
std::string FormatYamlFloat(double number, int bits = 64);

// The bytes of a !!binary scalar, nothing if it is no base64.
std::optional<std::string> DecodeYamlBinary(absl::string_view text);
// Base64, in lines of 70 if it is longer than one.
std::string EncodeYamlBinary(absl::string_view bytes);

// Whether v3 quotes a string because without quotes some YAML takes it for something else.
bool LooksTypedInYaml(absl::string_view text);
// Whether YAML 1.1 takes it for a number of base 60 ("1:30"). Both generations quote those.
bool IsBase60Float(absl::string_view text);

}  // namespace sluice::value
