// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/function.h"

#include <utility>

#include "common/gotmpl/builtins.h"

namespace sluice::gotmpl {

FunctionTable::FunctionTable() { Add(Builtins()); }

void FunctionTable::Add(Function function) {
  std::string name(function.name);
  functions_.insert_or_assign(std::move(name), std::move(function));
}

void FunctionTable::Add(std::span<const Function> functions) {
  for (const Function& function : functions) Add(function);
}

const Function* FunctionTable::Find(absl::string_view name) const {
  const auto entry = functions_.find(name);
  return entry == functions_.end() ? nullptr : &entry->second;
}

}  // namespace sluice::gotmpl
