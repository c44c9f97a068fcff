// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/transformers/sort_order.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace sluice::kustomize {
namespace {

using KindOrder = absl::flat_hash_map<std::string, int>;

absl::string_view Or(absl::string_view text, absl::string_view fallback) {
  return text.empty() ? fallback : text;
}

struct SortKey {
  int order = 0;
  std::string gvk_text;
  std::string id_text;
  bool core_namespace = false;
  bool namespace_kind = false;
  Gvk gvk;
  Resource* resource = nullptr;
};

SortKey KeyOf(const BuildState& state, Resource* resource, const KindOrder& kinds) {
  const ResourceId id = state.CurrentId(*resource);
  SortKey key;
  key.resource = resource;
  key.gvk = id.gvk;
  const auto it = kinds.find(id.gvk.kind);
  key.order = it == kinds.end() ? 0 : it->second;
  key.gvk_text = id.gvk.ToSortText();
  key.id_text =
      absl::StrCat(id.gvk.ToString(), "|", Or(id.namespace_name, "~X"), "|", Or(id.name, "~N"));
  key.namespace_kind = id.gvk.kind == "Namespace";
  key.core_namespace = key.namespace_kind && id.gvk.group.empty();
  return key;
}

bool Less(const SortKey& a, const SortKey& b) {
  if (a.gvk == b.gvk) return a.id_text < b.id_text;
  if (a.order != b.order) return a.order < b.order;
  // Real Namespaces before other kinds that are called so.
  if (a.namespace_kind && b.namespace_kind && (a.core_namespace || b.core_namespace)) {
    return a.gvk_text > b.gvk_text;
  }
  return a.gvk_text < b.gvk_text;
}

absl::Status SortBy(ResMap& map, const KindOrder& kinds) {
  std::vector<SortKey> keys;
  keys.reserve(map.size());
  for (Resource* resource : map.resources()) keys.push_back(KeyOf(map.state(), resource, kinds));
  std::stable_sort(keys.begin(), keys.end(), Less);
  std::vector<Resource*> sorted;
  sorted.reserve(keys.size());
  for (const SortKey& key : keys) sorted.push_back(key.resource);
  map.Replace(std::move(sorted));
  return map.CheckUnique();
}

template <typename List>
KindOrder OrderOf(const List& first, const List& last) {
  KindOrder order;
  int place = -static_cast<int>(std::size(first));
  for (const auto& kind : first) order[std::string(kind)] = place++;
  place = 1;
  for (const auto& kind : last) order[std::string(kind)] = place++;
  return order;
}

}  // namespace

absl::Status SortLegacy(ResMap& map) {
  static const KindOrder* const kDefault = new KindOrder(OrderOf(FirstKinds(), LastKinds()));
  return SortBy(map, *kDefault);
}

absl::Status SortAs(ResMap& map, const SortOptions& options) {
  if (options.order != "fifo" && options.order != "legacy") {
    return absl::InvalidArgumentError(
        "the field 'sortOptions.order' must be one of [fifo, legacy]");
  }
  if (options.order == "fifo") {
    if (!options.has_legacy_options) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', "
        "not 'legacy'");
  }
  if (!options.has_legacy_options) return SortLegacy(map);
  return SortBy(map, OrderOf(options.order_first, options.order_last));
}

}  // namespace sluice::kustomize
