// The values that a user gives: -f, --set-json, --set, --set-string, --set-file, --set-literal, in
// this order, the later over the earlier.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/helm/chart.h"
#include "common/helm/set_values.h"
#include "common/value/value.h"

namespace sluice::helm {

struct UserValues {
  struct File {
    std::string name;  // for messages
    std::string content;
  };
  std::vector<File> files;
  std::vector<std::string> set_json;
  std::vector<std::string> set;
  std::vector<std::string> set_string;
  std::vector<std::string> set_file;
  std::vector<std::string> set_literal;
};

// An object; its integers came from --set and are int64, all else is a double. kInvalidArgument
// with Helm's words: "failed parsing --set data: …". `read` gives the files of set_file.
absl::StatusOr<Value> Merge(const UserValues& values, Dialect dialect, const FileReader& read);

}  // namespace sluice::helm
