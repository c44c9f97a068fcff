// SPDX-License-Identifier: Apache-2.0
#include "common/sharding/replicas.h"

#include <algorithm>
#include <initializer_list>

namespace sluice::sharding {
namespace {

// FNV-1a over the parts, each followed by a byte that no name has.
uint64_t Hash(std::initializer_list<absl::string_view> parts) {
  uint64_t hash = 0xcbf29ce484222325u;
  const auto add = [&hash](uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3u; };
  for (const absl::string_view part : parts) {
    for (const char byte : part) add(static_cast<uint8_t>(byte));
    add(0xff);
  }
  return hash;
}

// The finalizer of SplitMix64: every bit of `value` changes half of the result's.
uint64_t Mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

}  // namespace

Replicas::Replicas(std::vector<std::string> names) : names_(std::move(names)) {
  std::sort(names_.begin(), names_.end());
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  for (const std::string& name : names_) hashes_.push_back(Mix(Hash({name})));
}

bool Replicas::Has(absl::string_view name) const {
  return std::binary_search(names_.begin(), names_.end(), name);
}

bool Replicas::Owns(absl::string_view name, absl::string_view kind,
                    const kube::ObjectKey& object) const {
  const uint64_t hash = Hash({kind, object.ns, object.name});
  size_t best = names_.size();
  uint64_t most = 0;
  for (size_t i = 0; i < names_.size(); ++i) {
    const uint64_t weight = Mix(hash ^ hashes_[i]);
    if (best == names_.size() || weight > most) {
      best = i;
      most = weight;
    }
  }
  return best < names_.size() && names_[best] == name;
}

}  // namespace sluice::sharding
