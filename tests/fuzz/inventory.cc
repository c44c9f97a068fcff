// Inventories as they stand in a status: what is read is written as the same.

// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/object_id.h"
#include "common/value/yaml.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(inventory, input) {
  if (const auto id = ssa::ObjectId::Parse(input, "v1"); id.ok()) {
    // Names with "_" of their own, which no object has, are ambiguous.
    Require(ssa::ObjectId::Parse(id->ToString(), "v1").ok(), "an id can be read again", input);
  }
  const auto status = value::ParseYaml(input);
  if (!status.ok()) return;
  const auto inventory = ssa::DecodeInventory(*status);
  if (!inventory.ok()) return;
  const auto again = ssa::DecodeInventory(ssa::EncodeInventory(*inventory));
  Require(again.ok() && again->size() == inventory->size(), "an inventory is read as written");
  Require(ssa::Difference(*inventory, *again).empty(), "nothing has left it");
}

}  // namespace sluice::fuzz
