// The functions that Helm adds to templates: include, tpl, required, fail, lookup.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "common/gotmpl/function.h"
#include "common/gotmpl/session.h"
#include "common/helm/chart.h"
#include "common/helm/lookup.h"

namespace sluice::helm {

// A session with what these functions need. They run in no other.
class RenderSession : public gotmpl::Session {
 public:
  RenderSession(const gotmpl::Limits& limits, gotmpl::Environment* environment, Lookup* lookup)
      : Session(limits, environment), lookup_(lookup) {}

  // Null: nothing is ever found.
  Lookup* lookup() const { return lookup_; }
  // How many times each template is being included by another at the moment.
  absl::flat_hash_map<std::string, int>& includes() { return includes_; }

 private:
  Lookup* const lookup_;
  absl::flat_hash_map<std::string, int> includes_;
};

// All functions of a chart's templates: those of text/template, sprig's and Helm's. Made once, for
// the whole program.
const gotmpl::FunctionTable& ChartFunctions(Dialect dialect);

// `text` without the marks that text/template prints for what is not there.
std::string WithoutNoValue(std::string text);

}  // namespace sluice::helm
