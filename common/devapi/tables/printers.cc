// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/tables/printers.h"

namespace sluice::devapi {

Printer FindPrinter(absl::string_view group_resource) {
  for (const auto list : {CorePrinters(), PodPrinters(), WorkloadPrinters(), NetworkPrinters(),
                          StoragePrinters(), PolicyPrinters()}) {
    for (const NamedPrinter& printer : list) {
      if (printer.group_resource == group_resource) return printer.print;
    }
  }
  return nullptr;
}

}  // namespace sluice::devapi
