// A Git server over smart HTTP as a request handler: serves the repositories below a directory. For
// the quickstart (tools/git-server) and, with faults put in, for tests.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/git/upload_pack.h"
#include "common/http/server.h"

namespace sluice::git {

// What a request came to, for counting.
struct ServedRequest {
  enum class Kind { kAdvertisement, kListRefs, kFetch, kPush };
  Kind kind = Kind::kAdvertisement;
  std::string repository;  // as the URL named it
};

struct SmartHttpOptions {
  // "/a/b.git" in a URL is a bare or non-bare repository at "<root>/a/b.git" or "<root>/a/b".
  std::string root;
  UploadPackOptions upload_pack;
  bool allow_push = false;
  // Called before a request is answered, if set; thread-safe.
  std::function<void(const ServedRequest& request)> on_request;
};

// Thread-safe. 404 for what is no repository, 403 for pushes that are not allowed; nothing outside
// `root` is reached.
http::Handler CreateSmartHttpHandler(SmartHttpOptions options);

}  // namespace sluice::git
