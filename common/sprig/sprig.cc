// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/sprig.h"

namespace sluice::sprig {

void AddFunctions(gotmpl::FunctionTable& table) {
  table.Add(ListFunctions());
  table.Add(DictFunctions());
  table.Add(LogicFunctions());
  table.Add(NumberFunctions());
  table.Add(StringFunctions());
  table.Add(RegexFunctions());
  table.Add(PathFunctions());
}

}  // namespace sluice::sprig
