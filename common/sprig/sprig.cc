// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/sprig.h"

namespace sluice::sprig {

void AddFunctions(gotmpl::FunctionTable& table, Dialect dialect) {
  table.Add(ListFunctions());
  table.Add(DictFunctions());
  table.Add(LogicFunctions());
  table.Add(NumberFunctions());
  table.Add(DecimalFunctions());
  table.Add(StringFunctions());
  table.Add(JoiningFunctions());
  table.Add(IdentifierFunctions());
  table.Add(RegexFunctions());
  table.Add(PathFunctions());
  table.Add(UrlFunctions());
  table.Add(EncodingFunctions());
  table.Add(DocumentFunctions(dialect));
  table.Add(DateFunctions());
  table.Add(VersionFunctions());
  table.Add(RandomFunctions());
  table.Add(SecretFunctions());
  table.Add(CertificateFunctions());
  table.Add(NetworkFunctions());
}

}  // namespace sluice::sprig
