// Follows the ConfigMaps or Secrets that a label selects, of which nothing is kept, or even sent,
// but their names and versions (spec/kustomize.md §6.3).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/runtime/reflector.h"

namespace sluice::kustomize_controller {

class ConfigWatch : private runtime::Reflector::Sink {
 public:
  // Told of each that appeared, changed in any way, or went, as "Kind/ns/name"; from one thread,
  // after a list of each difference to the one before. Must be quick.
  using Handler = std::function<void(const std::string& subject)>;

  // `kind` is "ConfigMap" or "Secret", `ns` "" for all namespaces. `client`, which had better ask
  // for metadata only, and `clock` must outlive it.
  ConfigWatch(kube::Client& client, const std::string& kind, const std::string& ns,
              const std::string& label_selector, Clock& clock);

  // Before Start().
  void SetHandler(Handler handler) { handler_ = std::move(handler); }
  void Start(const Context& ctx) { reflector_.Start(ctx); }
  // As the reflector's.
  absl::Status WaitForSync(const Context& ctx) { return reflector_.WaitForSync(ctx); }

 private:
  using Versions = absl::flat_hash_map<std::string, std::string>;  // by subject

  void BeginList() override { listed_.clear(); }
  void Listed(Value object) override;
  void EndList() override;
  void Put(Value object) override;
  void Removed(Value object) override;
  std::string SubjectOf(const Value& object) const;

  Handler handler_;
  Versions versions_;
  Versions listed_;               // of the list under way
  runtime::Reflector reflector_;  // last: its thread ends before what it uses
};

}  // namespace sluice::kustomize_controller
