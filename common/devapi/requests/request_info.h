// RequestInfo: what a path and method ask for, as k8s.io/apiserver's request info has it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/http/message.h"

namespace sluice::devapi {

// The parameters of a query string, decoded, in order.
class Query {
 public:
  Query() = default;
  explicit Query(absl::string_view query);

  // The first value of `name`, or "".
  absl::string_view Get(absl::string_view name) const;
  bool Has(absl::string_view name) const;
  std::vector<std::string> All(absl::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct RequestInfo {
  bool is_resource = false;
  // get, list, watch, create, update, patch, delete, deletecollection; lower-case method otherwise.
  std::string verb;
  std::string path;  // decoded
  std::string group;
  std::string version;
  std::string ns;
  std::string resource;
  std::string subresource;
  std::string name;
  // What follows the subresource ("proxy/a/b"); rarely anything.
  std::vector<std::string> rest;
  // Whether the path names a namespace ("/namespaces/x/..."), also when it is the object itself.
  bool path_has_namespace = false;
};

// `raw_path` is the path as received; its segments are decoded here.
RequestInfo ParseRequest(absl::string_view method, absl::string_view raw_path, const Query& query);

}  // namespace sluice::devapi
