// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_node.h"

#include "common/value/yaml_scalar.h"

namespace sluice::value {

std::string YamlNode::ShortTag() const {
  const bool unset = tag.empty() || tag == "!";
  if (!unset) return ShortYamlTag(tag);
  switch (kind) {
    case Kind::kMapping:
      return "!!map";
    case Kind::kSequence:
      return "!!seq";
    case Kind::kAlias:
      return alias != nullptr ? alias->ShortTag() : "";
    case Kind::kDocument:
      return "";
    case Kind::kScalar:
      break;
  }
  if ((style & (kSingleQuoted | kDoubleQuoted | kLiteral | kFolded)) != 0) return "!!str";
  return std::string(YamlTagOf(ResolveYamlScalar(value, YamlDialect::kV3)));
}

}  // namespace sluice::value
