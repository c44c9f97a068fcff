// SPDX-License-Identifier: Apache-2.0
#include "common/sops/tree.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/value/decimal.h"

namespace sluice::sops {

Node Node::Of(bool value) {
  Node node;
  node.kind = Kind::kBool;
  node.boolean = value;
  return node;
}

Node Node::Of(int64_t value) {
  Node node;
  node.kind = Kind::kInt;
  node.integer = value;
  return node;
}

Node Node::Of(double value) {
  Node node;
  node.kind = Kind::kFloat;
  node.number = value;
  return node;
}

Node Node::Text(Kind kind, absl::string_view text) {
  Node node;
  node.kind = kind;
  node.text = std::string(text);
  return node;
}

absl::string_view GoTypeOf(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return "nil";
    case Node::Kind::kBool:
      return "bool";
    case Node::Kind::kInt:
      return "int";
    case Node::Kind::kUint:
      return "uint64";
    case Node::Kind::kFloat:
      return "float64";
    case Node::Kind::kString:
      return "string";
    case Node::Kind::kBytes:
      return "[]uint8";
    case Node::Kind::kTime:
      return "time.Time";
    case Node::Kind::kComment:
      return "sops.Comment";
    case Node::Kind::kList:
      return "[]interface {}";
    case Node::Kind::kMap:
      break;
  }
  return "sops.TreeBranch";
}

std::string BytesOf(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kBool:
      return node.boolean ? "True" : "False";  // as the Python version wrote them
    case Node::Kind::kInt:
      return absl::StrCat(node.integer);
    case Node::Kind::kFloat:
      if (std::isnan(node.number)) return "NaN";
      if (std::isinf(node.number)) return node.number > 0 ? "+Inf" : "-Inf";
      return value::Decimal(node.number, 64).Fixed();
    default:
      return node.text;
  }
}

}  // namespace sluice::sops
