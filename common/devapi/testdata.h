// The answers of a real API server (kube-apiserver 1.34) that tests compare with, recorded by
// tools/record/apiserver. Tests run in the repository's root.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <sstream>
#include <string>

#include "common/value/json.h"
#include "common/value/value.h"

namespace sluice::devapi {

// testdata/`name`, or null if it cannot be read: every user requires cases in it.
inline Value RecordedAnswers(const std::string& name) {
  std::ifstream file("common/devapi/testdata/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return value::ParseJson(text.str()).value_or(Value());
}

}  // namespace sluice::devapi
