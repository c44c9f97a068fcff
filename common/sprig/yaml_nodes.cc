// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/yaml_nodes.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/sprig/convert.h"
#include "common/sprig/duration_type.h"
#include "common/sprig/time_types.h"
#include "common/value/key_order.h"
#include "common/value/value.h"

namespace sluice::sprig {
namespace {

using gotmpl::Kind;
using gotmpl::Value;
using value::YamlNode;

using NodePointer = std::unique_ptr<YamlNode>;
using Result = absl::StatusOr<NodePointer>;

NodePointer Plain(const value::Value& scalar) { return value::YamlNodeFromValue(scalar); }

class Builder {
 public:
  explicit Builder(gotmpl::Session& session)
      : session_(session), bytes_left_(session.function_bytes_left()) {}

  Result Build(const Value& value, size_t depth);

 private:
  Result Text(absl::string_view text) {
    if (text.size() > bytes_left_) {
      return session_.CheckFunction(session_.function_bytes_left() + 1);
    }
    bytes_left_ -= text.size();
    return Plain(value::Value(text));
  }
  Result Map(const Value& value, size_t depth);
  Result Struct(const Value& value, size_t depth);
  Result List(const Value& value, size_t depth);

  gotmpl::Session& session_;
  uint64_t bytes_left_;
};

Result Builder::Map(const Value& value, size_t depth) {
  auto node = std::make_unique<YamlNode>();
  node->kind = YamlNode::Kind::kMapping;
  std::vector<const gotmpl::Map::value_type*> members;
  for (const auto& member : *value.map()) members.push_back(&member);
  std::stable_sort(members.begin(), members.end(), [](const auto* a, const auto* b) {
    return value::KeyLess(a->first, b->first, value::YamlDialect::kV3);
  });
  for (const auto* member : members) {
    ASSIGN_OR_RETURN(NodePointer key, Text(member->first));
    ASSIGN_OR_RETURN(NodePointer content, Build(member->second, depth + 1));
    node->content.push_back(std::move(key));
    node->content.push_back(std::move(content));
  }
  return node;
}

Result Builder::Struct(const Value& value, size_t depth) {
  auto node = std::make_unique<YamlNode>();
  node->kind = YamlNode::Kind::kMapping;
  for (size_t i = 0; i < value.type()->fields.size(); ++i) {
    const absl::string_view name = value.type()->fields[i].name;
    // What begins with a small letter is not exported.
    if (absl::ascii_islower(static_cast<unsigned char>(name[0]))) continue;
    ASSIGN_OR_RETURN(NodePointer content, Build(value.field(i), depth + 1));
    node->content.push_back(Plain(value::Value(absl::AsciiStrToLower(name))));
    node->content.push_back(std::move(content));
  }
  return node;
}

Result Builder::List(const Value& value, size_t depth) {
  auto node = std::make_unique<YamlNode>();
  node->kind = YamlNode::Kind::kSequence;
  for (size_t i = 0; i < value.size(); ++i) {
    ASSIGN_OR_RETURN(NodePointer item, Build(value.at(i), depth + 1));
    node->content.push_back(std::move(item));
  }
  return node;
}

Result Builder::Build(const Value& value, size_t depth) {
  RETURN_IF_ERROR(session_.ChargeStep());
  if (depth > session_.limits().value_depth) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the value nests deeper than ", session_.limits().value_depth));
  }
  if (value.is_nil()) {
    // A nil map or list prints as an empty one.
    if (value.kind() == Kind::kMap) return Build(Value::NewMap(), depth);
    if (value.kind() == Kind::kSlice) return Build(Value::FromList({}), depth);
    return Plain(value::Value());
  }
  const gotmpl::Type& type = *value.type();
  if (&type == &TimeType()) {
    auto node = std::make_unique<YamlNode>();
    node->tag = "!!timestamp";
    node->value = type.marshal_text(value);
    return node;
  }
  if (type.marshal_text != nullptr) return Text(type.marshal_text(value));
  if (&type == &DurationType()) return Text(type.text(value));
  switch (type.kind) {
    case Kind::kBool:
      return Plain(value::Value(value.boolean()));
    case Kind::kString:
      return Text(value.text());
    case Kind::kFloat32:
    case Kind::kFloat64:
      return Plain(value::Value(value.number()));
    case Kind::kMap:
      return Map(value, depth);
    case Kind::kSlice:
      return List(value, depth);
    case Kind::kStruct:
      return Struct(value, depth);
    case Kind::kPointer:
      return Build(value.Pointee(), depth + 1);
    default:
      break;
  }
  if (type.is_signed()) return Plain(value::Value(value.signed_integer()));
  if (type.is_unsigned()) return Plain(value::Value(value.unsigned_integer()));
  // Here go-yaml panics.
  return absl::FailedPreconditionError(absl::StrCat("cannot marshal type: ", type.name));
}

}  // namespace

absl::StatusOr<NodePointer> ToYamlNode(const Value& value, gotmpl::Session& session) {
  return Builder(session).Build(value, 0);
}

}  // namespace sluice::sprig
