// The life of namespaces: what every new one gets, and how one that is deleted is emptied first.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/devapi/controllers/control_loop.h"

namespace sluice::devapi {

// `ca_pem` goes into the kube-root-ca.crt ConfigMap of every namespace.
std::unique_ptr<Controller> NamespaceController(Cluster& cluster, std::string ca_pem);

}  // namespace sluice::devapi
