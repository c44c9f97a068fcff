// What the cells of `kubectl get` tables are made of: ages, counts, joined lists.
// After k8s.io/kubernetes pkg/printers/internalversion and apimachinery's duration package (1.34).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/value/value.h"

namespace sluice::devapi {

// HumanDuration() since an RFC 3339 time; "<unknown>" if there is none.
std::string Age(const Value& timestamp, absl::Time now);
// The age of an object, from metadata.creationTimestamp.
std::string ObjectAge(const Value& object, absl::Time now);

// "a=b,c=d", or "<none>" if there are none.
std::string FormatLabels(const Value& labels);
// A metav1.LabelSelector as `kubectl` writes it; "<none>" if it is empty.
std::string FormatSelector(const Value& selector);

// The names, and the images, of a pod spec's containers, separated by commas.
std::string ContainerNames(const Value& pod_spec);
std::string ContainerImages(const Value& pod_spec);

}  // namespace sluice::devapi
