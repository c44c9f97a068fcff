// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/convert.h"
#include "common/sprig/random.h"
#include "common/sprig/sprig.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Value;

// One of the addresses, by chance. "" where the rendering may not look up names.
absl::StatusOr<Value> HostAddress(Call& call) {
  gotmpl::Environment* const environment = call.session().environment();
  if (environment == nullptr) return Value::String("");
  const auto addresses = environment->FindAddresses(call.text(0));
  if (!addresses.has_value()) return Value::String("");
  if (addresses->empty()) return Failure("invalid argument to Intn");
  return Value::String((*addresses)[RandomBelow(addresses->size(), *environment)]);
}

}  // namespace

std::vector<gotmpl::Function> NetworkFunctions() {
  return {{.name = "getHostByName",
           .parameters = {&gotmpl::types::kString},
           .result = &gotmpl::types::kString,
           .doc = "An address of the host, or nothing where looking up names is not allowed.",
           .code = HostAddress}};
}

}  // namespace sluice::sprig
