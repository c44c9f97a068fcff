// SPDX-License-Identifier: Apache-2.0
#include "common/live_objects/live_objects.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/kube/object.h"
#include "common/runtime/reflector.h"

namespace sluice::live_objects {

using ssa::LiveFacts;

// One watch and what it has shown.
class LiveObjects::Kind : private runtime::Reflector::Sink {
 public:
  Kind(LiveObjects& all, const kube::Resource& resource)
      : all_(all),
        reflector_(all.client_, resource,
                   {.ns = all.options_.ns, .label_selector = all.options_.name_label}, *this,
                   all.clock_) {
    reflector_.Start(all.ctx_);
  }

  Sight Find(const kube::ObjectKey& key) const {
    if (!reflector_.synced()) return {};
    absl::ReaderMutexLock lock(&mutex_);
    const auto it = objects_.find(key);
    return {true, it == objects_.end() ? std::nullopt : std::optional<LiveFacts>(it->second.facts)};
  }

 private:
  struct Object {
    kube::ObjectKey owner;
    LiveFacts facts;
  };
  using Map = absl::flat_hash_map<kube::ObjectKey, Object>;

  Object Read(const Value& object) const {
    const Options& options = all_.options_;
    return {{std::string(kube::Label(object, options.namespace_label)),
             std::string(kube::Label(object, options.name_label))},
            LiveFacts::Of(object, options.identity, all_.clock_.Now())};
  }

  void BeginList() override { listed_.clear(); }
  void Listed(Value object) override {
    listed_.insert_or_assign(kube::KeyOf(object), Read(object));
  }
  void EndList() override {
    Map before = std::exchange(listed_, {});
    {
      absl::MutexLock lock(&mutex_);
      std::swap(before, objects_);
    }
    // Only this thread writes objects_.
    for (const auto& [key, object] : objects_) {
      const auto old = before.find(key);
      if (old == before.end() || Matters(old->second.facts, object.facts)) Tell(key, object, true);
    }
    for (const auto& [key, object] : before) {
      if (!objects_.contains(key)) Tell(key, object, false);
    }
  }
  void Put(Value object) override {
    const kube::ObjectKey key = kube::KeyOf(object);
    const Object now = Read(object);
    bool matters = true;
    {
      absl::MutexLock lock(&mutex_);
      const auto [it, added] = objects_.try_emplace(key, now);
      if (!added) {
        matters = Matters(it->second.facts, now.facts);
        it->second = now;
      }
    }
    if (matters) Tell(key, now, true);
  }
  void Removed(Value object) override {
    const kube::ObjectKey key = kube::KeyOf(object);
    {
      absl::MutexLock lock(&mutex_);
      objects_.erase(key);
    }
    Tell(key, Read(object), false);
  }

  static bool Matters(const LiveFacts& before, const LiveFacts& after) {
    return before.content != after.content || before.readiness != after.readiness;
  }
  void Tell(const kube::ObjectKey& key, const Object& object, bool present) const {
    all_.handler_({object.owner, reflector_.resource(), key,
                   present ? std::optional<LiveFacts>(object.facts) : std::nullopt});
  }

  LiveObjects& all_;
  mutable absl::Mutex mutex_;
  Map objects_;                   // written by the reflector's thread only, under mutex_
  Map listed_;                    // of the list under way
  runtime::Reflector reflector_;  // last: its thread ends before what it uses
};

LiveObjects::LiveObjects(const Context& ctx, kube::Client& client, Options options, Handler handler,
                         Clock& clock)
    : ctx_(ctx),
      client_(client),
      options_(std::move(options)),
      handler_(std::move(handler)),
      clock_(clock) {}

LiveObjects::~LiveObjects() { Stop(); }

void LiveObjects::Stop() {
  absl::flat_hash_map<std::string, std::shared_ptr<Kind>> kinds;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    kinds.swap(kinds_);
  }
}

LiveObjects::Sight LiveObjects::Find(const kube::Resource& resource, const kube::ObjectKey& key) {
  std::shared_ptr<const Kind> kind;
  {
    absl::MutexLock lock(&mutex_);
    const std::string name =
        absl::StrCat(resource.group, "/", resource.version, "/", resource.plural);
    auto it = kinds_.find(name);
    if (it == kinds_.end()) {
      if (stopped_ || kinds_.size() >= options_.max_kinds) return {};
      it = kinds_.emplace(name, std::make_shared<Kind>(*this, resource)).first;
    }
    kind = it->second;
  }
  return kind->Find(key);
}

}  // namespace sluice::live_objects
