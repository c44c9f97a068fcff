// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_composer.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/value/go_syntax.h"
#include "common/value/json.h"
#include "common/value/utf8.h"
#include "common/value/yaml_scalar.h"

namespace sluice::value {
namespace {

using Kind = YamlEvent::Kind;

constexpr size_t kMaxReported = 100;  // repeated keys in an error
constexpr absl::string_view kMapType = "map[interface {}]interface {}";

}  // namespace

YamlComposer::YamlComposer(absl::string_view text, const YamlOptions& options, YamlFloats floats)
    : parser_(text, YamlScanner::Comments::kDrop), options_(options), floats_(floats) {
  Advance();  // the stream's start
}

absl::StatusOr<std::optional<YamlDocument>> YamlComposer::Next() {
  if (event_.kind == Kind::kStreamStart || event_.kind == Kind::kDocumentEnd) Advance();
  if (failed_) return syntax_error_;
  if (event_.kind == Kind::kStreamEnd) return std::nullopt;
  anchors_.clear();
  expansion_ = AliasExpansion();
  Count(1, 0);
  Advance();
  YamlDocument document;
  document.line = event_.start.line + 1;
  Node root;
  if (!failed_) Compose(root, 0);
  if (failed_) return syntax_error_;
  RETURN_IF_ERROR(decode_error_);
  if (!repeated_keys_.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("yaml: unmarshal errors:\n  ", absl::StrJoin(repeated_keys_, "\n  ")));
  }
  document.value = Finished(std::move(root.value));
  if (has_unlimited_) CheckFinite(document.value);
  has_unlimited_ = false;
  RETURN_IF_ERROR(json_error_);
  return document;
}

void YamlComposer::Advance() {
  if (!parser_.Next(event_)) FailReading(parser_.error().Message(/*v3=*/false));
}

void YamlComposer::FailReading(absl::string_view message) {
  failed_ = true;
  if (syntax_error_.ok()) syntax_error_ = absl::InvalidArgumentError(message);
}

void YamlComposer::FailDecoding(absl::string_view message) {
  if (decode_error_.ok()) decode_error_ = absl::InvalidArgumentError(message);
}

void YamlComposer::FailJson(absl::string_view message) {
  if (json_error_.ok()) json_error_ = absl::InvalidArgumentError(message);
}

void YamlComposer::Count(size_t nodes, size_t expanded) {
  if (const absl::Status status = expansion_.Count(nodes, expanded); !status.ok()) {
    FailDecoding(status.message());
  }
}

// --- Nodes.

void YamlComposer::Compose(Node& node, size_t depth) {
  switch (event_.kind) {
    case Kind::kAlias:
      Alias(node, depth);
      return;
    case Kind::kScalar:
      Scalar(node);
      return;
    case Kind::kSequenceStart:
    case Kind::kMappingStart:
      Collection(node, depth);
      return;
    default:
      FailReading("yaml: a node was expected");
      return;
  }
}

void YamlComposer::Alias(Node& node, size_t depth) {
  Count(1, 0);
  const auto found = anchors_.find(event_.anchor);
  if (found == anchors_.end()) {
    FailReading(absl::StrCat("yaml: unknown anchor '", event_.anchor, "' referenced"));
    return;
  }
  const Anchor& anchor = found->second;
  if (anchor.open) {
    FailDecoding(absl::StrCat("yaml: anchor '", event_.anchor, "' value contains itself"));
  } else if (depth + anchor.node.height > kMaxDepth) {
    FailDecoding(absl::StrCat("yaml: line ", event_.start.line + 1, ": ", kYamlTooDeep));
  } else {
    Count(anchor.cost, anchor.cost);
    node = anchor.node;
  }
  Advance();
}

void YamlComposer::Scalar(Node& node) {
  Count(1, 0);
  ScalarValue(node);
  if (!event_.anchor.empty()) anchors_[event_.anchor] = Anchor{node, 1, false};
  Advance();
}

void YamlComposer::Collection(Node& node, size_t depth) {
  const absl::string_view name = event_.anchor;
  const size_t before = expansion_.nodes();
  if (!name.empty()) anchors_[name] = Anchor{};
  Count(1, 0);
  if (event_.kind == Kind::kMappingStart) {
    node.type = Node::Type::kMapping;
    Mapping(node, depth);
  } else {
    node.type = Node::Type::kSequence;
    Sequence(node, depth);
  }
  ++node.height;
  if (name.empty()) return;
  // Inside, the name may have been given again.
  Anchor& anchor = anchors_[name];
  if (anchor.open) anchor = Anchor{node, expansion_.nodes() - before, false};
}

void YamlComposer::Sequence(Node& node, size_t depth) {
  Advance();
  const size_t first = items_.size();
  while (!failed_ && event_.kind != Kind::kSequenceEnd) {
    Node item;
    Compose(item, depth + 1);
    node.height = std::max(node.height, item.height);
    items_.push_back(Finished(std::move(item.value)));
  }
  const auto begin = items_.begin() + static_cast<std::ptrdiff_t>(first);
  node.value =
      Value(Value::Array(std::make_move_iterator(begin), std::make_move_iterator(items_.end())));
  items_.erase(begin, items_.end());
  if (!failed_) Advance();
}

void YamlComposer::Mapping(Node& node, size_t depth) {
  if (options_.strict) node.written = std::make_shared<std::vector<Written>>();
  Advance();
  const size_t first = members_.size();
  Keys keys;
  while (!failed_ && event_.kind != Kind::kMappingEnd) Pair(node, depth, keys);
  const auto begin = members_.begin() + static_cast<std::ptrdiff_t>(first);
  node.value = Value::FromMembers(
      Value::Object(std::make_move_iterator(begin), std::make_move_iterator(members_.end())));
  members_.erase(begin, members_.end());
  if (!failed_) Advance();
}

void YamlComposer::Pair(Node& mapping, size_t depth, Keys& keys) {
  if (AtMergeKey()) {
    Merge(mapping, depth, keys);
    return;
  }
  std::string name;
  std::string id;
  std::string unusable;  // why it is no key in JSON
  if (PlainKey(name)) {
    if (options_.strict) id = KeyId(Value(name));
    Advance();
  } else {
    Node key;
    Compose(key, depth + 1);
    mapping.height = std::max(mapping.height, key.height);
    if (options_.strict) id = KeyId(key.value);
    unusable = KeyName(key, name);
  }
  if (failed_) return;
  const int32_t line = event_.start.line;
  Node value;
  Compose(value, depth + 1);
  mapping.height = std::max(mapping.height, value.height);
  if (options_.strict && !AddKey(mapping, keys, {id, name, line})) return;
  if (!unusable.empty()) {
    FailJson(absl::StrCat(unusable, ", value: ", GoSyntax(value.value, kMapType)));
    return;
  }
  members_.push_back(Member{std::move(name), Finished(std::move(value.value))});
}

// The value of "<<" goes into the mapping at this place: over what came before it, under what
// follows. Of a list the first wins.
void YamlComposer::Merge(Node& mapping, size_t depth, Keys& keys) {
  if (!event_.anchor.empty()) {
    anchors_[event_.anchor] = Anchor{Node{.value = event_.value}, 1, false};
  }
  Advance();
  std::vector<Node> sources;
  if (!failed_) MergeSources(depth, sources);
  for (auto source = sources.rbegin(); !failed_ && source != sources.rend(); ++source) {
    if (source->type != Node::Type::kMapping) {
      FailDecoding("yaml: map merge requires map or sequence of maps as the value");
      return;
    }
    mapping.height = std::max(mapping.height, source->height - 1);
    if (!options_.strict) {
      const auto members = source->value.members();
      members_.insert(members_.end(), members.begin(), members.end());
      continue;
    }
    for (const Written& member : *source->written) {
      if (AddKey(mapping, keys, member)) {
        members_.push_back(Member{member.name, source->value[member.name]});
      }
    }
  }
}

void YamlComposer::MergeSources(size_t depth, std::vector<Node>& sources) {
  if (event_.kind != Kind::kSequenceStart) {
    Compose(sources.emplace_back(), depth);
    return;
  }
  const absl::string_view anchor = event_.anchor;
  const size_t before = expansion_.nodes();
  if (!anchor.empty()) anchors_[anchor] = Anchor{};
  Node list{.type = Node::Type::kSequence};
  Advance();
  while (!failed_ && event_.kind != Kind::kSequenceEnd) {
    Node& source = sources.emplace_back();
    Compose(source, depth + 1);
    list.height = std::max(list.height, source.height);
  }
  if (failed_) return;
  Advance();
  if (anchor.empty()) return;
  ++list.height;
  list.value = Value::EmptyArray();
  for (const Node& source : sources) list.value.Append(source.value);
  anchors_[anchor] = Anchor{list, expansion_.nodes() - before + 1, false};
}

// --- Scalars and keys.

void YamlComposer::ScalarValue(Node& node) {
  YamlScalar scalar;
  if (!event_.tag.empty()) {
    const std::string tag = ShortYamlTag(event_.tag);
    if (tag == "!!binary") {
      const std::optional<std::string> bytes = DecodeYamlBinary(event_.value);
      if (!bytes.has_value()) FailDecoding("yaml: !!binary value contains invalid base64 data");
      node.value = ToValidUtf8(bytes.value_or(""));
      return;
    }
    const auto resolved = ResolveTaggedYamlScalar(tag, event_.value, YamlDialect::kV2);
    if (resolved.ok()) {
      scalar = *resolved;
    } else {
      FailDecoding(resolved.status().message());
    }
  } else if (event_.implicit) {
    scalar = ResolveYamlScalar(event_.value, YamlDialect::kV2);
  }
  switch (scalar.kind) {
    case YamlScalar::Kind::kNull:
      break;
    case YamlScalar::Kind::kBool:
      node.value = scalar.boolean;
      break;
    case YamlScalar::Kind::kInt:
      node.value = scalar.integer;
      break;
    case YamlScalar::Kind::kUint:
      node.value = scalar.unsigned_integer;
      break;
    case YamlScalar::Kind::kFloat:
      node.value = scalar.number;
      break;
    case YamlScalar::Kind::kTimestamp:
    case YamlScalar::Kind::kMerge:
    case YamlScalar::Kind::kString:
      node.value = event_.value;
      break;
  }
}

// As JSON holds it; an infinity or NaN is left for CheckFinite, as a later key may hide it.
Value YamlComposer::Finished(Value value) {
  if (value.kind() != Value::Kind::kDouble || floats_ == YamlFloats::kAsTheyAre) return value;
  const double number = value.double_or(0);
  if (std::isfinite(number)) return NumberFromDouble(number);
  has_unlimited_ = true;
  return value;
}

void YamlComposer::CheckFinite(const Value& value) {
  if (value.kind() == Value::Kind::kDouble && !std::isfinite(value.double_or(0))) {
    FailJson(absl::StrCat("json: unsupported value: ", GoFloat(value.double_or(0))));
  }
  for (const Value& item : value.items()) CheckFinite(item);
  for (const Member& member : value.members()) CheckFinite(member.value);
}

bool YamlComposer::AtMergeKey() const {
  return event_.kind == Kind::kScalar && event_.value == "<<" &&
         (event_.implicit || event_.tag == "tag:yaml.org,2002:merge");
}

// Whether event_ is a key that simply is a string, as most are.
bool YamlComposer::PlainKey(std::string& name) {
  if (event_.kind != Kind::kScalar || !event_.tag.empty() || !event_.anchor.empty()) return false;
  if (event_.implicit &&
      ResolveYamlScalar(event_.value, YamlDialect::kV2).kind != YamlScalar::Kind::kString) {
    return false;
  }
  Count(1, 0);
  name.assign(event_.value.data(), event_.value.size());
  return true;
}

// Gives the key as a JSON string, or returns why there is none.
std::string YamlComposer::KeyName(const Node& key, std::string& name) {
  const Value& value = key.value;
  if (key.type != Node::Type::kScalar) {
    FailDecoding(absl::StrCat("yaml: invalid map key: ", GoSyntax(value, kMapType)));
    return "a collection";
  }
  switch (value.kind()) {
    case Value::Kind::kString:
      name = std::string(value.str());
      return "";
    case Value::Kind::kBool:
      name = value.bool_or(false) ? "true" : "false";
      return "";
    case Value::Kind::kInt:
      name = absl::StrCat(value.int_or(0));
      return "";
    case Value::Kind::kDouble:
      name = FormatYamlFloat(value.double_or(0), 32);
      return "";
    default:
      break;
  }
  return absl::StrCat("unsupported map key of type: ", value.is_null() ? "%!s(<nil>)" : "uint64",
                      ", key: ", GoSyntax(value, kMapType));
}

std::string YamlComposer::KeyId(const Value& key) const {
  // No NaN equals another.
  const bool nan = std::isnan(key.double_or(0));
  return absl::StrCat(static_cast<int>(key.kind()), GoSyntax(key, kMapType),
                      nan ? absl::StrCat(expansion_.nodes()) : "");
}

// Strict documents: false, and an error, if the map has the key already.
bool YamlComposer::AddKey(Node& mapping, Keys& keys, Written member) {
  if (!keys.insert(member.key).second) {
    if (repeated_keys_.size() < kMaxReported) {
      repeated_keys_.push_back(absl::StrCat("line ", member.line + 1, ": key ",
                                            member.key.substr(1), " already set in map"));
    }
    return false;
  }
  mapping.written->push_back(std::move(member));
  return true;
}

}  // namespace sluice::value
