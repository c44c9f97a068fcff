// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/transformers/hash.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/kustomize/node_value.h"
#include "common/value/json.h"

namespace sluice::kustomize {
namespace {

// A field as it enters the hash: the text of a scalar, the JSON of a map, "" if it is absent.
absl::StatusOr<Value> HashedField(const Node* root, absl::string_view field) {
  const Node* node = FieldOf(root, field);
  if (node == nullptr) return Value("");
  if (node->is_scalar()) return Value(node->text);
  ASSIGN_OR_RETURN(Value value, ToValue(node));
  return value;
}

std::string Encode(const std::string& hex) {
  std::string encoded = hex.substr(0, 10);
  for (char& c : encoded) {
    switch (c) {
      case '0':
        c = 'g';
        break;
      case '1':
        c = 'h';
        break;
      case '3':
        c = 'k';
        break;
      case 'a':
        c = 'm';
        break;
      case 'e':
        c = 't';
        break;
      default:
        break;
    }
  }
  return encoded;
}

}  // namespace

absl::StatusOr<std::string> ContentHash(const Node* root) {
  const absl::string_view kind = TextOf(FieldOf(root, "kind"));
  if (kind != "ConfigMap" && kind != "Secret") {
    return absl::InvalidArgumentError(
        absl::StrCat("only ConfigMaps and Secrets can have a hash in their name, not ", kind));
  }
  const bool secret = kind == "Secret";
  // The reference looks for a field "metadata/name", which there never is: names do not count.
  Value hashed = {{"kind", Value(kind)}, {"name", Value("")}};
  ASSIGN_OR_RETURN(Value data, HashedField(root, "data"));
  hashed.Set("data", std::move(data));
  if (secret) {
    ASSIGN_OR_RETURN(Value type, HashedField(root, "type"));
    hashed.Set("type", std::move(type));
  }
  const absl::string_view extra = secret ? "stringData" : "binaryData";
  ASSIGN_OR_RETURN(Value more, HashedField(root, extra));
  if (more.is_object()) hashed.Set(extra, std::move(more));
  return Encode(crypto::Sha256Hex(value::FormatJson(hashed)));
}

absl::Status AddHashes(ResMap& map) {
  BuildState& state = map.state();
  bool changed = false;
  for (Resource* resource : map.resources()) {
    if (!resource->needs_hash) continue;
    absl::StatusOr<std::string> hash = ContentHash(resource->root);
    if (!hash.ok()) return Annotate(hash.status(), state.CurrentId(*resource).ToString());
    state.RememberId(*resource);
    RETURN_IF_ERROR(
        SetName(state.arena(), resource->root, absl::StrCat(resource->name(), "-", *hash)));
    changed = true;
  }
  if (changed) map.IdsChanged();
  return absl::OkStatus();
}

}  // namespace sluice::kustomize
