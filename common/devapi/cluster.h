// Cluster: the state behind the server. One of these per server; everything else in this folder is
// either pure or works on it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/devapi/access/identity.h"
#include "common/devapi/kinds/builtin_kinds.h"
#include "common/devapi/kinds/registry.h"
#include "common/devapi/requests/proto_codec.h"
#include "common/devapi/schema/object_rules.h"
#include "common/devapi/service_addresses.h"
#include "common/devapi/storage/store.h"

namespace sluice::devapi {

struct ClusterOptions {
  WatchLogLimits watch_log;
  // How long Events are kept, as --event-ttl of kube-apiserver.
  absl::Duration event_ttl = absl::Hours(1);
  // Reported by /version; what clients see as the server's version.
  std::string git_version = "v1.34.4";
};

class Cluster {
 public:
  // `clock` must outlive the cluster.
  explicit Cluster(Clock& clock, ClusterOptions options = {});

  Clock& clock() { return clock_; }
  Store& store() { return store_; }
  const Store& store() const { return store_; }
  Registry& registry() { return registry_; }
  Tokens& tokens() { return tokens_; }
  ServiceAddresses& service_addresses() { return service_addresses_; }
  const BuiltinKinds& kinds() const { return kinds_; }
  const ObjectRules& rules() const { return rules_; }
  const ProtoCodec& proto() const { return proto_; }
  const ClusterOptions& options() const { return options_; }

  // The time as objects carry it.
  std::string Timestamp() const;

 private:
  Clock& clock_;
  const ClusterOptions options_;
  const BuiltinKinds kinds_;
  Registry registry_;
  const ObjectRules rules_;
  const ProtoCodec proto_;
  Store store_;
  Tokens tokens_;
  ServiceAddresses service_addresses_;
};

// Five random characters, as generateName appends them.
std::string NameSuffix();

}  // namespace sluice::devapi
