// The values that the API server fills in where an object of a built-in kind leaves them out
// (Kubernetes 1.34, the SetDefaults functions of pkg/apis/*/v1).
//
// They apply to objects as GoDecode (go_codec.h) leaves them: absent is the only form of empty.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::devapi {

// Sets the defaults of a kind in `object`; kinds without defaults are left alone. Doing it twice
// changes nothing more. What the server does as part of decoding is done here, too: a Secret's
// stringData becomes data, a DaemonSet gets the annotation that counts its templates.
void ApplyBuiltinDefaults(absl::string_view group, absl::string_view version,
                          absl::string_view kind, Value& object);

}  // namespace sluice::devapi
