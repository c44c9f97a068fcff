// Printers: how the built-in kinds fill the cells of their table, one function per kind.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/value/value.h"

namespace sluice::devapi {

// Appends one cell per column, in the order of the kind's columns.
using Printer = void (*)(const Value& object, absl::Time now, Value::Array& cells);

// The printer of a resource, by Resource::group_resource().ToString(); null if the kind has only a
// name and a creation time to show.
Printer FindPrinter(absl::string_view group_resource);

// One list per file; FindPrinter() looks through them.
struct NamedPrinter {
  absl::string_view group_resource;
  Printer print;
};
std::span<const NamedPrinter> CorePrinters();
std::span<const NamedPrinter> PodPrinters();
std::span<const NamedPrinter> WorkloadPrinters();
std::span<const NamedPrinter> NetworkPrinters();
std::span<const NamedPrinter> StoragePrinters();
std::span<const NamedPrinter> PolicyPrinters();

}  // namespace sluice::devapi
