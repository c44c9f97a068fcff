// SPDX-License-Identifier: Apache-2.0
#include "common/cel/features.h"

namespace sluice::cel {

Features Features::Flux() {
  Features features;
  features.strings_v3 = true;
  features.encoders = true;
  return features;
}

Features Features::KubernetesNew() {
  Features features;
  features.kubernetes = true;
  features.two_variable_macros = true;
  features.check_literals = true;
  return features;
}

Features Features::KubernetesStored() {
  Features features = KubernetesNew();
  features.list_extensions = true;
  return features;
}

}  // namespace sluice::cel
