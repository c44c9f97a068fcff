// Which language an expression is written in: the libraries beside the standard functions, and how
// strict the checker is.

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sluice::cel {

struct Features {
  // Strings, sets, base64 and optional values, numbers compared across types: all of our users.
  // reverse() and %-formatting as of version 3 of cel-go's strings library.
  bool strings_v3 = false;
  // base64.encode and base64.decode.
  bool encoders = false;
  // The libraries of Kubernetes: quantity, url, ip, cidr, semver, format, regular expressions,
  // lists.
  bool kubernetes = false;
  // The two-variable macros: all, exists, existsOne, transformList, transformMap,
  // transformMapEntry.
  bool two_variable_macros = false;
  // distinct, flatten, slice, sort, sortBy, reverse of lists, lists.range.
  bool list_extensions = false;
  // Literal durations, timestamps and regular expressions must be well-formed (ast validators).
  bool check_literals = false;

  // Flux's healthCheckExprs, readyExpr and filters (fluxcd/pkg runtime/cel on cel-go 0.26).
  static Features Flux();
  // Rules of new CustomResourceDefinitions on an API server 1.34: what 1.33 has as well, so that a
  // downgrade does not break them.
  static Features KubernetesNew();
  // Rules that are stored already: all that 1.34 has.
  static Features KubernetesStored();
};

}  // namespace sluice::cel
