// The type of .Values, with the methods of Helm's that a template may call on it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/gotmpl/type.h"
#include "common/helm/chart.h"

namespace sluice::helm {

// common.Values, in Helm 3 chartutil.Values: a map with AsMap, Encode, PathValue, Table and YAML.
const gotmpl::Type& ValuesType(Dialect dialect);

}  // namespace sluice::helm
