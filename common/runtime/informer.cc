// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/informer.h"

#include <utility>

#include "common/kube/object.h"

namespace sluice::runtime {
namespace {

kube::ObjectPtr Share(Value object) {
  if (Value* metadata = object.FindMutable("metadata")) metadata->Erase("managedFields");
  return std::make_shared<const Value>(std::move(object));
}

}  // namespace

Informer::Informer(kube::Client& client, kube::Resource resource, InformerOptions options,
                   Clock& clock)
    : reflector_(client, std::move(resource), std::move(options), *this, clock) {}

void Informer::Tell(const Change& change) {
  for (const Handler& handler : handlers_) handler(change);
}

void Informer::Listed(Value object) {
  kube::ObjectKey key = kube::KeyOf(object);
  listed_.insert_or_assign(std::move(key), Share(std::move(object)));
}

void Informer::EndList() {
  const Store::Map now = listed_;
  const Store::Map before = store_.Replace(std::exchange(listed_, {}));
  for (const auto& [key, object] : now) {
    const auto it = before.find(key);
    const kube::ObjectPtr old = it == before.end() ? nullptr : it->second;
    if (old != nullptr && kube::ResourceVersion(*old) == kube::ResourceVersion(*object)) continue;
    Tell({old, object});
  }
  for (const auto& [key, object] : before) {
    if (!now.contains(key)) Tell({object, nullptr});
  }
}

void Informer::Put(Value object) {
  const kube::ObjectKey key = kube::KeyOf(object);
  kube::ObjectPtr after = Share(std::move(object));
  kube::ObjectPtr before = store_.Put(key, after);
  Tell({std::move(before), std::move(after)});
}

void Informer::Removed(Value object) {
  store_.Remove(kube::KeyOf(object));
  Tell({Share(std::move(object)), nullptr});
}

}  // namespace sluice::runtime
